#include <openssl/evp.h>

// glibc shows this only under _GNU_SOURCE, which Swift's importer does not define.
extern int renameat2(
    int old_directory, const char *old_path, int new_directory, const char *new_path,
    unsigned int flags);
#define HONE_RENAME_EXCHANGE 2u
