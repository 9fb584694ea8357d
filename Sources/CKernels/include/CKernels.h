// Kernels of the cpu backend, one header per family of operations.
#ifndef HONE_KERNELS_H
#define HONE_KERNELS_H
#endif
