#include "fault_vfs.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

struct fault_plan fault_plan;

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct, in the same block */
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;

static bool fails(atomic_int *left)
{
    int before = atomic_load(left);
    return before > 0 && atomic_fetch_sub(left, before < FAULT_FOREVER ? 1 : 0) > 0;
}

void fault_plan_clear(void)
{
    atomic_store(&fault_plan.opens, 0);
    atomic_store(&fault_plan.reads, 0);
    atomic_store(&fault_plan.writes, 0);
    atomic_store(&fault_plan.syncs, 0);
}

#define REAL(file)         (((struct fault_file *)(file))->real)
#define CALL(file, method) REAL(file)->pMethods->method

static int fault_close(sqlite3_file *file)
{
    return CALL(file, xClose)(REAL(file));
}

static int fault_read(sqlite3_file *file, void *data, int len, sqlite3_int64 offset)
{
    return fails(&fault_plan.reads) ? SQLITE_IOERR_READ
                                    : CALL(file, xRead)(REAL(file), data, len, offset);
}

static int fault_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
    return fails(&fault_plan.writes) ? SQLITE_IOERR_WRITE
                                     : CALL(file, xWrite)(REAL(file), data, len, offset);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return CALL(file, xTruncate)(REAL(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
    return fails(&fault_plan.syncs) ? SQLITE_IOERR_FSYNC : CALL(file, xSync)(REAL(file), flags);
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return CALL(file, xFileSize)(REAL(file), size);
}

static int fault_lock(sqlite3_file *file, int lock)
{
    return CALL(file, xLock)(REAL(file), lock);
}

static int fault_unlock(sqlite3_file *file, int lock)
{
    return CALL(file, xUnlock)(REAL(file), lock);
}

static int fault_check_lock(sqlite3_file *file, int *held)
{
    return CALL(file, xCheckReservedLock)(REAL(file), held);
}

static int fault_control(sqlite3_file *file, int op, void *arg)
{
    return CALL(file, xFileControl)(REAL(file), op, arg);
}

static int fault_sector(sqlite3_file *file)
{
    return CALL(file, xSectorSize)(REAL(file));
}

static int fault_traits(sqlite3_file *file)
{
    return CALL(file, xDeviceCharacteristics)(REAL(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **map)
{
    return CALL(file, xShmMap)(REAL(file), page, size, extend, map);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return CALL(file, xShmLock)(REAL(file), offset, n, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    CALL(file, xShmBarrier)(REAL(file));
}

static int fault_shm_unmap(sqlite3_file *file, int drop)
{
    return CALL(file, xShmUnmap)(REAL(file), drop);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_traits,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct fault_file *wrapped = (struct fault_file *)file;
    (void)vfs;
    wrapped->base.pMethods = NULL;
    wrapped->real = (sqlite3_file *)(wrapped + 1);
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0 && fails(&fault_plan.opens))
        return SQLITE_CANTOPEN;
    int result = real_vfs->xOpen(real_vfs, name, wrapped->real, flags, out);
    if (wrapped->real->pMethods != NULL)
        wrapped->base.pMethods = &fault_methods;
    return result;
}

void fault_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    fault_vfs = *real_vfs;
    fault_vfs.zName = "fault";
    fault_vfs.pNext = NULL;
    fault_vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    fault_vfs.xOpen = fault_open;
    sqlite3_vfs_register(&fault_vfs, 1);
}
