//===- CApiTest.cpp - The C API, as a client sees it --------------------------===//
#include "TestArtifact.h"

#include "mpgemm/Runtime/mpgemm.h"

#include <thread>

using namespace mpgemm::test;
using ::testing::HasSubstr;

#define EXPECT_OK(call) EXPECT_EQ(call, MPGEMM_OK) << mpgemm_last_error()
#define ASSERT_OK(call) ASSERT_EQ(call, MPGEMM_OK) << mpgemm_last_error()

namespace {

class CApi : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_OK(mpgemm_device_open("sim", &device));
    ASSERT_OK(mpgemm_program_load(device, vectorAddPath().c_str(), &program));
  }
  void TearDown() override {
    mpgemm_program_release(program);
    mpgemm_device_release(device);
  }
  mpgemm_device device = nullptr;
  mpgemm_program program = nullptr;
};

} // namespace

TEST(CApiStatic, VersionsAndNames) {
  EXPECT_EQ(mpgemm_api_version(), MPGEMM_API_VERSION);
  EXPECT_STRNE(mpgemm_version(), "");
  EXPECT_STREQ(mpgemm_status_name(MPGEMM_OK), "ok");
  EXPECT_STREQ(mpgemm_status_name(MPGEMM_INVALID_ARTIFACT), "invalid artifact");
}

TEST(CApiStatic, NullsAreErrorsNotCrashes) {
  EXPECT_EQ(mpgemm_device_open(nullptr, nullptr), MPGEMM_INVALID_ARGUMENT);
  mpgemm_device device;
  EXPECT_EQ(mpgemm_device_open(nullptr, &device), MPGEMM_INVALID_ARGUMENT);
  EXPECT_STREQ(mpgemm_last_error(), "specification is null");
  EXPECT_EQ(mpgemm_program_load(nullptr, "x", nullptr), MPGEMM_INVALID_ARGUMENT);
  EXPECT_EQ(mpgemm_context_create(nullptr, nullptr), MPGEMM_INVALID_ARGUMENT);
  EXPECT_EQ(mpgemm_context_call(nullptr, 0, nullptr, 0, nullptr, 0, 0, 0), MPGEMM_INVALID_ARGUMENT);
  EXPECT_EQ(mpgemm_device_get_info(nullptr), nullptr);
  EXPECT_EQ(mpgemm_program_manifest(nullptr), nullptr);
  EXPECT_EQ(mpgemm_program_function_count(nullptr), -1);
  EXPECT_EQ(mpgemm_function_argument(nullptr, 0, 0), nullptr);
  mpgemm_device_release(nullptr);
  mpgemm_program_release(nullptr);
  mpgemm_context_release(nullptr);
  mpgemm_text_free(nullptr);
}

TEST(CApiStatic, UnknownDevices) {
  mpgemm_device device;
  EXPECT_EQ(mpgemm_device_open("tpu", &device), MPGEMM_INVALID_ARGUMENT);
  EXPECT_STREQ(mpgemm_last_error(),
               "unknown device 'tpu'; expected cuda, cuda:N, sim or sim:option=value,...");
  EXPECT_EQ(mpgemm_device_open("cuda:x", &device), MPGEMM_INVALID_ARGUMENT);
  EXPECT_THAT(mpgemm_last_error(), HasSubstr("has no number after 'cuda:'"));
}

TEST(CApiStatic, ErrorsAreOfTheirThread) {
  mpgemm_device device;
  ASSERT_NE(mpgemm_device_open("tpu", &device), MPGEMM_OK);
  std::thread([] { EXPECT_STREQ(mpgemm_last_error(), ""); }).join();
  EXPECT_THAT(mpgemm_last_error(), HasSubstr("tpu"));
}

TEST(CApiStatic, ManifestWithoutADevice) {
  char *text = nullptr;
  ASSERT_OK(mpgemm_read_manifest(vectorAddPath().c_str(), &text));
  EXPECT_THAT(text, HasSubstr("\"written by hand\""));
  mpgemm_text_free(text);
}

TEST_F(CApi, DescribesFunctionsAndKernels) {
  ASSERT_EQ(mpgemm_program_function_count(program), 4);
  EXPECT_STREQ(mpgemm_program_function_name(program, 0), "main");
  EXPECT_EQ(mpgemm_program_function_name(program, 4), nullptr);
  int32_t function = -1;
  ASSERT_OK(mpgemm_program_find_function(program, "accumulate", &function));
  EXPECT_EQ(function, 2);
  EXPECT_EQ(mpgemm_program_find_function(program, "absent", &function), MPGEMM_INVALID_ARGUMENT);
  EXPECT_THAT(mpgemm_last_error(),
              HasSubstr("has no function 'absent'; it has main, plus_twice, accumulate, pad"));

  ASSERT_EQ(mpgemm_function_argument_count(program, 0), 2);
  ASSERT_EQ(mpgemm_function_result_count(program, 0), 1);
  const mpgemm_tensor_info *y = mpgemm_function_argument(program, 0, 1);
  ASSERT_NE(y, nullptr);
  EXPECT_STREQ(y->name, "y");
  EXPECT_STREQ(y->type, "f32");
  EXPECT_EQ(y->logical_type, nullptr);
  EXPECT_EQ(y->element_bytes, 4u);
  ASSERT_EQ(y->rank, 2);
  EXPECT_EQ(y->dimensions[0].size, -1);
  EXPECT_STREQ(y->dimensions[0].symbol, "s0");
  EXPECT_EQ(y->dimensions[1].size, 4);
  EXPECT_EQ(y->dimensions[1].symbol, nullptr);
  EXPECT_EQ(y->alias, -1);
  EXPECT_EQ(mpgemm_function_argument(program, 2, 0)->alias, 0);
  EXPECT_EQ(mpgemm_function_result(program, 2, 0)->alias, 0);
  EXPECT_STREQ(mpgemm_function_result(program, 3, 0)->dimensions[0].symbol, "add(n, 4)");
  EXPECT_EQ(mpgemm_function_argument(program, 0, 2), nullptr);

  ASSERT_EQ(mpgemm_program_kernel_count(program), 1);
  const mpgemm_kernel_info *kernel = mpgemm_program_kernel(program, 0);
  EXPECT_STREQ(kernel->name, "add_scaled");
  EXPECT_EQ(kernel->block[0], 128u);
  EXPECT_STREQ(kernel->schedule, "128 threads");
}

TEST_F(CApi, ShapesAndArenaBeforeACall) {
  int64_t size = 5, padded = 0;
  mpgemm_tensor x = {0, "f32", 1, &size};
  int64_t *shapes[] = {&padded};
  ASSERT_OK(mpgemm_function_result_shapes(program, 3, &x, 1, shapes, 1));
  EXPECT_EQ(padded, 9);
  int64_t rows[2] = {100, 4}, bytes = 0;
  mpgemm_tensor both[2] = {{0, nullptr, 2, rows}, {0, nullptr, 2, rows}};
  ASSERT_OK(mpgemm_function_arena_bytes(program, 0, both, 2, &bytes));
  EXPECT_EQ(bytes, 1792);
  EXPECT_EQ(mpgemm_function_arena_bytes(program, 9, both, 2, &bytes), MPGEMM_INVALID_ARGUMENT);
  EXPECT_STREQ(mpgemm_last_error(), "no function 9; the program has 4");
}

TEST_F(CApi, CallsAndOutlivesItsHandles) {
  mpgemm_context context = nullptr;
  ASSERT_OK(mpgemm_context_create(program, &context));
  uint64_t x, out;
  ASSERT_OK(mpgemm_device_allocate(device, 48, &x));
  ASSERT_OK(mpgemm_device_allocate(device, 48, &out));
  float values[12];
  for (int i = 0; i < 12; ++i)
    values[i] = float(i);
  ASSERT_OK(mpgemm_copy_to_device(device, x, values, 48, 0));
  int64_t shape[2] = {3, 4};
  mpgemm_tensor arguments[2] = {{x, "f32", 2, shape}, {x, "f32", 2, shape}};
  mpgemm_tensor result = {out, "f32", 2, shape};
  EXPECT_EQ(mpgemm_context_call(context, 0, arguments, 2, &result, 1, 0, 0),
            MPGEMM_INVALID_ARGUMENT);
  EXPECT_THAT(mpgemm_last_error(), HasSubstr("needs an arena of 256 bytes"));
  ASSERT_OK(mpgemm_context_reserve(context, 0, arguments, 2));
  uint64_t stream;
  ASSERT_OK(mpgemm_stream_create(device, &stream));
  // The context keeps the program; the handle may go.
  mpgemm_program_release(program);
  program = nullptr;
  for (uint32_t flags : {0u, uint32_t(MPGEMM_CALL_GRAPH)}) {
    ASSERT_OK(mpgemm_fill(device, out, 0, 48, stream));
    ASSERT_OK(mpgemm_context_call(context, 0, arguments, 2, &result, 1, stream, flags));
    ASSERT_OK(mpgemm_copy_to_host(device, values, out, 48, stream));
    for (int i = 0; i < 12; ++i)
      EXPECT_EQ(values[i], 3 * i);
  }
  EXPECT_EQ(mpgemm_context_call(context, 0, arguments, 2, &result, 1, stream, 8),
            MPGEMM_INVALID_ARGUMENT);
  EXPECT_STREQ(mpgemm_last_error(), "unknown call flags 8");
  EXPECT_OK(mpgemm_stream_destroy(device, stream));
  EXPECT_OK(mpgemm_device_free(device, x));
  EXPECT_OK(mpgemm_device_free(device, out));
  mpgemm_context_release(context);
}

TEST_F(CApi, DamagedArtifactIsItsOwnStatus) {
  std::string path = testDirectory() + "bad.ptx";
  writeText(path, "nothing");
  mpgemm_program bad;
  EXPECT_EQ(mpgemm_program_load(device, path.c_str(), &bad), MPGEMM_INVALID_ARTIFACT);
  EXPECT_THAT(mpgemm_last_error(), HasSubstr("not an mpgemm artifact"));
}

namespace {
struct Seen {
  std::vector<std::string> names;
  std::vector<float> firsts;
  mpgemm_device device;
  int32_t stopAt = -1;
};
} // namespace

extern "C" {
static int32_t look(void *user, const mpgemm_observed_layer *layer) {
  auto *seen = static_cast<Seen *>(user);
  seen->names.emplace_back(layer->name);
  float first = 0;
  EXPECT_EQ(layer->result_count, 1);
  EXPECT_EQ(layer->results[0].scale.rank, -1);
  EXPECT_STREQ(layer->results[0].values.type, "f32");
  EXPECT_OK(mpgemm_copy_to_host(seen->device, &first, layer->results[0].values.data, 4, 0));
  seen->firsts.push_back(first);
  return int32_t(seen->names.size()) == seen->stopAt;
}
}

TEST_F(CApi, ObservedCalls) {
  int32_t function = -1;
  ASSERT_OK(mpgemm_program_find_function(program, "main", &function));
  EXPECT_EQ(mpgemm_function_layer_count(program, function), 2);
  EXPECT_STREQ(mpgemm_function_layer_name(program, function, 1), "main.1");
  EXPECT_EQ(mpgemm_function_layer_name(program, function, 2), nullptr);
  EXPECT_EQ(mpgemm_function_layer_count(program, 99), -1);
  EXPECT_EQ(mpgemm_function_layer_count(nullptr, 0), -1);
  const int64_t shape[] = {2, 4};
  uint64_t memory = 0;
  ASSERT_OK(mpgemm_device_allocate(device, 3 * 256, &memory));
  float x[8], y[8];
  std::fill(x, x + 8, 1.0f);
  std::fill(y, y + 8, 10.0f);
  ASSERT_OK(mpgemm_copy_to_device(device, memory, x, sizeof(x), 0));
  ASSERT_OK(mpgemm_copy_to_device(device, memory + 256, y, sizeof(y), 0));
  const mpgemm_tensor arguments[] = {{memory, "f32", 2, shape}, {memory + 256, "f32", 2, shape}};
  const mpgemm_tensor result{memory + 512, "f32", 2, shape};
  mpgemm_context context = nullptr;
  ASSERT_OK(mpgemm_context_create(program, &context));
  ASSERT_OK(mpgemm_context_reserve(context, function, arguments, 2));
  Seen seen;
  seen.device = device;
  EXPECT_OK(
      mpgemm_context_call_observed(context, function, arguments, 2, &result, 1, 0, look, &seen));
  EXPECT_EQ(seen.names, (std::vector<std::string>{"main.0", "main.1"}));
  EXPECT_EQ(seen.firsts, (std::vector<float>{11, 21}));
  seen.names.clear();
  seen.stopAt = 1;
  EXPECT_EQ(
      mpgemm_context_call_observed(context, function, arguments, 2, &result, 1, 0, look, &seen),
      MPGEMM_INVALID_ARGUMENT);
  EXPECT_STREQ(mpgemm_last_error(), "the observer ended the call at layer 'main.0' with 1");
  EXPECT_EQ(mpgemm_context_call_observed(context, function, arguments, 2, &result, 1, 0, nullptr,
                                         nullptr),
            MPGEMM_INVALID_ARGUMENT);
  EXPECT_STREQ(mpgemm_last_error(), "observer is null");
  mpgemm_context_release(context);
  EXPECT_OK(mpgemm_device_free(device, memory));
}
