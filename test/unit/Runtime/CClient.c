/* CClient.c - a client of the C API in C: runs main of vector-add.ptx on the simulator and checks
 * every element. */
#include "mpgemm/Runtime/mpgemm.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 40
#define COUNT (ROWS * 4)

static void check(mpgemm_status status, const char *what) {
  if (status == MPGEMM_OK)
    return;
  fprintf(stderr, "%s: %s: %s\n", what, mpgemm_status_name(status), mpgemm_last_error());
  exit(1);
}

int main(int argc, char **argv) {
  mpgemm_device device;
  mpgemm_program program;
  mpgemm_context context;
  int32_t function;
  uint64_t x, y, out;
  float host[COUNT];
  int64_t shape[2] = {ROWS, 4};
  if (argc != 2)
    return 2;
  check(mpgemm_device_open("sim", &device), "open");
  check(mpgemm_program_load(device, argv[1], &program), "load");
  check(mpgemm_program_find_function(program, "main", &function), "find");
  check(mpgemm_context_create(program, &context), "context");
  check(mpgemm_device_allocate(device, sizeof(host), &x), "allocate");
  check(mpgemm_device_allocate(device, sizeof(host), &y), "allocate");
  check(mpgemm_device_allocate(device, sizeof(host), &out), "allocate");
  for (int i = 0; i < COUNT; ++i)
    host[i] = (float)i;
  check(mpgemm_copy_to_device(device, x, host, sizeof(host), 0), "copy");
  check(mpgemm_copy_to_device(device, y, host, sizeof(host), 0), "copy");

  mpgemm_tensor arguments[2] = {{x, "f32", 2, shape}, {y, "f32", 2, shape}};
  mpgemm_tensor results[1] = {{out, "f32", 2, shape}};
  check(mpgemm_context_reserve(context, function, arguments, 2), "reserve");
  check(mpgemm_context_call(context, function, arguments, 2, results, 1, 0, 0), "call");
  check(mpgemm_copy_to_host(device, host, out, sizeof(host), 0), "copy");
  for (int i = 0; i < COUNT; ++i)
    if (host[i] != 3.0f * (float)i) {
      fprintf(stderr, "element %d is %g, expected %g\n", i, host[i], 3.0 * i);
      return 1;
    }
  check(mpgemm_device_free(device, x), "free");
  check(mpgemm_device_free(device, y), "free");
  check(mpgemm_device_free(device, out), "free");
  mpgemm_context_release(context);
  mpgemm_program_release(program);
  mpgemm_device_release(device);
  return 0;
}
