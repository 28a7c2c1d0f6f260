//===- CudaDeclarationsTest.cpp - Our CUDA declarations against cuda.h --------===//
#include "CudaApi.h"

#include "mpgemm/Runtime/Driver.h"

#include <cuda.h>
#include <gtest/gtest.h>

using namespace mpgemm;

TEST(CudaDeclarations, StructuresHaveTheLayoutOfTheHeader) {
  EXPECT_EQ(sizeof(cuda::LaunchConfig), sizeof(CUlaunchConfig));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, sharedBytes), offsetof(CUlaunchConfig, sharedMemBytes));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, stream), offsetof(CUlaunchConfig, hStream));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, attributes), offsetof(CUlaunchConfig, attrs));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, attributeCount), offsetof(CUlaunchConfig, numAttrs));
  EXPECT_EQ(sizeof(cuda::LaunchAttribute), sizeof(CUlaunchAttribute));
  EXPECT_EQ(alignof(cuda::LaunchAttribute), alignof(CUlaunchAttribute));
  EXPECT_EQ(offsetof(cuda::LaunchAttribute, value), offsetof(CUlaunchAttribute, value));
  EXPECT_EQ(sizeof(cuda::GraphExecUpdateResultInfo), sizeof(CUgraphExecUpdateResultInfo));
  EXPECT_EQ(sizeof(TensorMap), sizeof(CUtensorMap));
  EXPECT_EQ(sizeof(cuda::DevicePointer), sizeof(CUdeviceptr));
}

TEST(CudaDeclarations, NumbersAreThoseOfTheHeader) {
  EXPECT_EQ(int(cuda::errorOutOfMemory), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(int(cuda::errorNoDevice), CUDA_ERROR_NO_DEVICE);
  EXPECT_EQ(int(cuda::MaxThreadsPerBlock), CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  EXPECT_EQ(int(cuda::ClockRate), CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
  EXPECT_EQ(int(cuda::MultiprocessorCount), CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  EXPECT_EQ(int(cuda::MemoryClockRate), CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
  EXPECT_EQ(int(cuda::GlobalMemoryBusWidth), CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
  EXPECT_EQ(int(cuda::L2CacheSize), CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  EXPECT_EQ(int(cuda::ComputeCapabilityMajor), CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  EXPECT_EQ(int(cuda::ComputeCapabilityMinor), CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  EXPECT_EQ(int(cuda::MaxSharedMemoryPerMultiprocessor),
            CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
  EXPECT_EQ(int(cuda::MaxSharedMemoryPerBlockOptin),
            CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  EXPECT_EQ(int(cuda::SharedSizeBytes), CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
  EXPECT_EQ(int(cuda::LocalSizeBytes), CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  EXPECT_EQ(int(cuda::NumRegs), CU_FUNC_ATTRIBUTE_NUM_REGS);
  EXPECT_EQ(int(cuda::MaxDynamicSharedSizeBytes), CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
  EXPECT_EQ(int(cuda::NonPortableClusterSizeAllowed),
            CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
  EXPECT_EQ(int(cuda::ErrorLogBuffer), CU_JIT_ERROR_LOG_BUFFER);
  EXPECT_EQ(int(cuda::ErrorLogBufferSizeBytes), CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
  EXPECT_EQ(int(cuda::ClusterDimension), CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
  EXPECT_EQ(int(cuda::ProgrammaticStreamSerialization),
            CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);
  EXPECT_EQ(int(cuda::streamNonBlocking), CU_STREAM_NON_BLOCKING);
  EXPECT_EQ(int(cuda::eventDefault), CU_EVENT_DEFAULT);
  EXPECT_EQ(int(cuda::captureModeRelaxed), CU_STREAM_CAPTURE_MODE_RELAXED);
  EXPECT_EQ(int(TensorMapType::U8), CU_TENSOR_MAP_DATA_TYPE_UINT8);
  EXPECT_EQ(int(TensorMapType::I64), CU_TENSOR_MAP_DATA_TYPE_INT64);
  EXPECT_EQ(int(TensorMapType::F16), CU_TENSOR_MAP_DATA_TYPE_FLOAT16);
  EXPECT_EQ(int(TensorMapType::F64), CU_TENSOR_MAP_DATA_TYPE_FLOAT64);
  EXPECT_EQ(int(TensorMapType::BF16), CU_TENSOR_MAP_DATA_TYPE_BFLOAT16);
  EXPECT_EQ(int(TensorMapType::TF32Ftz), CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ);
  EXPECT_EQ(3, CU_TENSOR_MAP_SWIZZLE_128B);
  EXPECT_EQ(3, CU_TENSOR_MAP_L2_PROMOTION_L2_256B);
  EXPECT_EQ(1, CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA);
}
