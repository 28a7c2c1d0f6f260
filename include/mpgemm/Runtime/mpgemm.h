/*===- mpgemm.h - The C API of the mpgemm runtime ------------------*- C -*-===*\
|*
|* Loads an artifact that mpgemm-opt wrote and runs its functions on a CUDA device or on the
simulator.
|*
|* Three objects:
|*   Device   one GPU or one simulated GPU, its memory and streams.
|*   Program  an artifact on a device: kernels loaded, constants uploaded, weights packed.
Immutable.
|*   Context  what calls of a program need while they run: an arena and prepared launches.
|*
|* Ownership. Handles come from mpgemm_device_open, mpgemm_program_load and mpgemm_context_create
and are
|* given back with the matching release function, in any order: a context keeps its program, and a
program its
|* device, for as long as it needs them. Strings and info structures returned as pointers belong to
the object
|* they were asked of and live as long as it. Everything passed in is copied or used before the
function
|* returns, except the memory and the streams of a call: those must stay valid until the device is
done.
|*
|* Threads. Devices and programs may be used from any number of threads at once. A context serves
one call at
|* a time; its calls may come from different threads, and different contexts run in parallel. Two
calls of one
|* context share its arena: they must be ordered on the device, by one stream or by the caller's
events.
|*
|* CUDA contexts. No function changes the calling thread's current context, except that a thread
without one
|* may have one afterwards.
|*
|* Errors. Every function that can fail returns a status; mpgemm_last_error() tells the calling
thread what
|* went wrong in its last failed call. Output parameters are written only on success.
|*
|* Versions. Functions and trailing structure members may be added within an API version; nothing
else changes.
|*
\*===----------------------------------------------------------------------===*/
#ifndef MPGEMM_RUNTIME_MPGEMM_H
#define MPGEMM_RUNTIME_MPGEMM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPGEMM_API_VERSION 1

typedef enum mpgemm_status {
  MPGEMM_OK = 0,
  MPGEMM_INVALID_ARGUMENT = 1, /* what the caller passed: a shape, a path, an option */
  MPGEMM_INVALID_ARTIFACT = 2, /* the artifact is damaged, inconsistent or of another version */
  MPGEMM_UNSUPPORTED = 3,      /* valid, but not possible on this device */
  MPGEMM_DEVICE_ERROR = 4,     /* the driver, or a check of the simulator */
  MPGEMM_OUT_OF_MEMORY = 5,
  MPGEMM_INTERNAL = 6 /* a bug of the runtime */
} mpgemm_status;

typedef struct mpgemm_device_s *mpgemm_device;
typedef struct mpgemm_program_s *mpgemm_program;
typedef struct mpgemm_context_s *mpgemm_context;

/* The MPGEMM_API_VERSION the library was built with, and its version for people ("0.1.0"). */
int32_t mpgemm_api_version(void);
const char *mpgemm_version(void);

/* The message of the last failed call on this thread; valid until the next call that fails on it.
 */
const char *mpgemm_last_error(void);
/* "ok", "invalid argument", ... */
const char *mpgemm_status_name(mpgemm_status status);

/*===- Device --------------------------------------------------------------===*/

typedef struct mpgemm_device_info {
  const char *name;          /* "NVIDIA H200", "simulator (sm_90a, 2 SMs)" */
  const char *specification; /* "cuda:0", "sim:sms=3": opens the same device again */
  int32_t is_simulator;
  int32_t compute_major;
  int32_t compute_minor;
  int32_t multiprocessors;
  int64_t shared_bytes_per_block;
  int64_t l2_bytes;
  int64_t global_bytes;
} mpgemm_device_info;

/* The number of CUDA devices. With 0 the call still succeeds, and mpgemm_last_error() says why
 * there is none. */
mpgemm_status mpgemm_cuda_device_count(int32_t *count);

/* Opens "cuda" (device 0), "cuda:N", "sim" or "sim:key=value,..." (sms, order, seed, arch, checks,
   threads). On CUDA the calling thread's current context is used if it is one of that device, else
   the primary one. */
mpgemm_status mpgemm_device_open(const char *specification, mpgemm_device *device);
void mpgemm_device_release(mpgemm_device device);
const mpgemm_device_info *mpgemm_device_get_info(mpgemm_device device);

/* Memory of the device. Addresses are at least 256-byte aligned. Any device memory of the caller's
   serves as well. */
mpgemm_status mpgemm_device_allocate(mpgemm_device device, size_t bytes, uint64_t *address);
mpgemm_status mpgemm_device_free(mpgemm_device device, uint64_t address);
/* Copies are ordered on `stream`. Copies to and from host memory have finished with the host buffer
   when the function returns. */
mpgemm_status mpgemm_copy_to_device(mpgemm_device device, uint64_t to, const void *from,
                                    size_t bytes, uint64_t stream);
mpgemm_status mpgemm_copy_to_host(mpgemm_device device, void *to, uint64_t from, size_t bytes,
                                  uint64_t stream);
mpgemm_status mpgemm_copy_on_device(mpgemm_device device, uint64_t to, uint64_t from, size_t bytes,
                                    uint64_t stream);
mpgemm_status mpgemm_fill(mpgemm_device device, uint64_t to, uint8_t value, size_t bytes,
                          uint64_t stream);

/* Streams: a handle is the CUstream itself on CUDA, so that the caller's own streams can be passed;
   0 is the default stream. */
mpgemm_status mpgemm_stream_create(mpgemm_device device, uint64_t *stream);
mpgemm_status mpgemm_stream_destroy(mpgemm_device device, uint64_t stream);
mpgemm_status mpgemm_stream_synchronize(mpgemm_device device, uint64_t stream);

/* Events measure time on a stream. */
mpgemm_status mpgemm_event_create(mpgemm_device device, uint64_t *event);
mpgemm_status mpgemm_event_destroy(mpgemm_device device, uint64_t event);
mpgemm_status mpgemm_event_record(mpgemm_device device, uint64_t event, uint64_t stream);
/* Waits for `end` and gives the milliseconds since `begin`. */
mpgemm_status mpgemm_event_elapsed(mpgemm_device device, uint64_t begin, uint64_t end,
                                   double *milliseconds);

/*===- Program -------------------------------------------------------------===*/

/* One size of a tensor. */
typedef struct mpgemm_dimension {
  int64_t size;       /* -1 where it depends on the arguments of a call */
  const char *symbol; /* then the symbol, or the expression over symbols; NULL for a fixed size */
} mpgemm_dimension;

typedef struct mpgemm_tensor_info {
  const char *name;
  /* as in MLIR: f32 f16 bf16 f8E4M3FN f8E5M2 f8E8M0FNU i8 u8 i16 i32 i64 i1 f64 */
  const char *type;
  const char *logical_type; /* of packed sub-byte values; NULL where type says it all */
  size_t element_bytes;
  int32_t rank;
  const mpgemm_dimension *dimensions;
  int32_t alias; /* argument: the result that is the same buffer, result: that argument; else -1 */
} mpgemm_tensor_info;

typedef struct mpgemm_kernel_info {
  const char *name;
  uint32_t block[3];
  uint32_t cluster[3];
  uint32_t shared_bytes;        /* dynamic shared memory */
  int32_t registers_per_thread; /* -1 where the device cannot tell */
  int32_t local_bytes_per_thread;
  const char *schedule; /* for people; empty where the artifact has none */
  const char *source;   /* "model.mlir:12:8" */
} mpgemm_kernel_info;

/* Reads, checks and loads an artifact (.ptx, or .cubin with its .cubin.json): loads all kernels,
   uploads the constants and runs the artifact's `init` function. Waits until all of it is done. */
mpgemm_status mpgemm_program_load(mpgemm_device device, const char *path, mpgemm_program *program);
void mpgemm_program_release(mpgemm_program program);

/* The manifest as JSON text. */
const char *mpgemm_program_manifest(mpgemm_program program);
/* The same of a file, without a device. Free with mpgemm_text_free. */
mpgemm_status mpgemm_read_manifest(const char *path, char **text);
void mpgemm_text_free(char *text);

/* Functions are named by their index; `init` is not among them. An index out of range gives NULL or
 * -1. */
int32_t mpgemm_program_function_count(mpgemm_program program);
const char *mpgemm_program_function_name(mpgemm_program program, int32_t function);
mpgemm_status mpgemm_program_find_function(mpgemm_program program, const char *name,
                                           int32_t *function);
int32_t mpgemm_function_argument_count(mpgemm_program program, int32_t function);
int32_t mpgemm_function_result_count(mpgemm_program program, int32_t function);
const mpgemm_tensor_info *mpgemm_function_argument(mpgemm_program program, int32_t function,
                                                   int32_t argument);
const mpgemm_tensor_info *mpgemm_function_result(mpgemm_program program, int32_t function,
                                                 int32_t result);

int32_t mpgemm_program_kernel_count(mpgemm_program program);
const mpgemm_kernel_info *mpgemm_program_kernel(mpgemm_program program, int32_t kernel);

/* An argument or a result of a call: dense, row-major. */
typedef struct mpgemm_tensor {
  uint64_t data;    /* device address; ignored where only shapes matter */
  const char *type; /* checked against the function's; NULL is not checked */
  int32_t rank;     /* of a result: -1 leaves its shape unchecked */
  const int64_t *shape;
} mpgemm_tensor;

/* Writes the shapes of all results for arguments of the given shapes: shapes[i] has room for the
   rank of result i. Checks the arguments' types and shapes on the way. */
mpgemm_status mpgemm_function_result_shapes(mpgemm_program program, int32_t function,
                                            const mpgemm_tensor *arguments, int32_t argument_count,
                                            int64_t *const *shapes, int32_t result_count);
/* The bytes of arena that a call with such arguments needs. */
mpgemm_status mpgemm_function_arena_bytes(mpgemm_program program, int32_t function,
                                          const mpgemm_tensor *arguments, int32_t argument_count,
                                          int64_t *bytes);

/*===- Context -------------------------------------------------------------===*/

mpgemm_status mpgemm_context_create(mpgemm_program program, mpgemm_context *context);
/* No call of the context may be running on the device any more. */
void mpgemm_context_release(mpgemm_context context);

/* Makes the arena large enough for calls with such arguments and prepares their launches. The arena
   grows here and nowhere else: a call that needs more is an error. Growing waits for the device,
   and no call of the context may be running on it. */
mpgemm_status mpgemm_context_reserve(mpgemm_context context, int32_t function,
                                     const mpgemm_tensor *arguments, int32_t argument_count);
mpgemm_status mpgemm_context_reserve_bytes(mpgemm_context context, int64_t bytes);

typedef enum mpgemm_call_flags {
  /* Launch through a CUDA graph, made at the first call with these shapes and updated when
     addresses change. On a stream that is being captured the launches join that capture instead. */
  MPGEMM_CALL_GRAPH = 1
} mpgemm_call_flags;

/* Enqueues the function on `stream` and returns without waiting. Arguments and results are in the
   order of the function; a result that aliases an argument is given the argument's buffer. Nothing
   is launched if any check fails. */
mpgemm_status mpgemm_context_call(mpgemm_context context, int32_t function,
                                  const mpgemm_tensor *arguments, int32_t argument_count,
                                  const mpgemm_tensor *results, int32_t result_count,
                                  uint64_t stream, uint32_t flags);

/*===- Observation ---------------------------------------------------------===*/

/* Values in device memory. Where they are codes, the scale to multiply them with has as many
   dimensions, and each of its sizes divides that of the codes; else scale.data is 0 and its rank
   -1. */
typedef struct mpgemm_observed_values {
  mpgemm_tensor values;
  mpgemm_tensor scale;
} mpgemm_observed_values;

/* A layer of the model right after the launch that computes it. */
typedef struct mpgemm_observed_layer {
  const char *name;         /* as in the manifest: "main.0" */
  mpgemm_observed_values a; /* the operands of the layer's product; b.values.rank is -1 where */
  mpgemm_observed_values b; /* the artifact does not say where the right one lies */
  int32_t result_count;
  const mpgemm_observed_values *results;
} mpgemm_observed_layer;

/* Looks at a layer while the device waits; may copy from its memory to the host. What it is given
   lives until it returns. It must not use the context that calls it. Anything but 0 ends the call.
 */
typedef int32_t (*mpgemm_layer_observer)(void *user, const mpgemm_observed_layer *layer);

/* The layers that an observed call shows, in order; an index out of range gives NULL or -1. */
int32_t mpgemm_function_layer_count(mpgemm_program program, int32_t function);
const char *mpgemm_function_layer_name(mpgemm_program program, int32_t function, int32_t layer);

/* Runs the function step by step and calls `observer` behind each layer; returns when everything
   is done. For calibration and comparisons: it waits for the device at every layer, and cannot be
   captured. Where the observer ends the call, the results are undefined and the status is
   MPGEMM_INVALID_ARGUMENT. */
mpgemm_status mpgemm_context_call_observed(mpgemm_context context, int32_t function,
                                           const mpgemm_tensor *arguments, int32_t argument_count,
                                           const mpgemm_tensor *results, int32_t result_count,
                                           uint64_t stream, mpgemm_layer_observer observer,
                                           void *user);

#ifdef __cplusplus
}
#endif

#endif /* MPGEMM_RUNTIME_MPGEMM_H */
