#include <cblas.h>

// LAPACK, which OpenBLAS holds too; Debian's package has no header for it. It reads what is const.
void sgesdd_(
    const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u,
    const int *ldu, float *vt, const int *ldvt, float *work, const int *lwork, int *iwork,
    int *info);
void sgeqrf_(
    const int *m, const int *n, float *a, const int *lda, float *tau, float *work,
    const int *lwork, int *info);
void sorgqr_(
    const int *m, const int *n, const int *k, float *a, const int *lda, const float *tau,
    float *work, const int *lwork, int *info);
