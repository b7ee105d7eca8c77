/*
 * Which file systems are believed: those on which a write always moves the times of a file, inodes stay, a shared map is coherent
 * and record locks reach every process that can see the file. What is missing here is treated as a network file system.
 *
 * FAT and exFAT are not believed: times of two seconds, inodes by position. Neither are images that are made once (squashfs,
 * EROFS, ISO 9660): a new image may carry the inodes and times of the last one.
 */
#include "cache/place.h"

#include <errno.h>
#include <sys/vfs.h>

typedef struct file_system {
    uint32_t magic;
    bool local;
    const char *name;
} file_system;

static const file_system FILE_SYSTEMS[] = {
    {0x0000ef53, true, "ext4"}, /* and ext2, ext3 */
    {0x58465342, true, "xfs"},       {0x9123683e, true, "btrfs"},     {0x01021994, true, "tmpfs"},
    {0x858458f6, true, "ramfs"},     {0x794c7630, true, "overlayfs"}, {0x2fc12fc1, true, "zfs"},
    {0xf2f52010, true, "f2fs"},      {0xca451a4e, true, "bcachefs"},  {0x3153464a, true, "jfs"},
    {0x52654973, true, "reiserfs"},  {0x00003434, true, "nilfs2"},    {0x24051905, true, "ubifs"},
    {0x00006969, false, "nfs"},      {0x0000517b, false, "smb"},      {0xff534d42, false, "cifs"},
    {0xfe534d42, false, "smb2"},     {0x01021997, false, "9p"},       {0x6a656a63, false, "virtiofs"},
    {0x65735546, false, "fuse"},     {0x00c36400, false, "ceph"},     {0x5346414f, false, "afs"},
    {0x73757245, false, "coda"},     {0x0bd00bd0, false, "lustre"},   {0x47504653, false, "gpfs"},
    {0x01161970, false, "gfs2"},     {0x7461636f, false, "ocfs2"},    {0x786f4256, false, "vboxsf"},
    {0x0000f15f, false, "ecryptfs"}, {0x00004d44, false, "vfat"},     {0x2011bab0, false, "exfat"},
    {0x5346544e, false, "ntfs"},     {0x7366746e, false, "ntfs3"},    {0x73717368, false, "squashfs"},
    {0xe0f5e1e2, false, "erofs"},    {0x00009660, false, "iso9660"},  {0x28cd3d45, false, "cramfs"},
    {0x00009fa0, false, "proc"},     {0x62656572, false, "sysfs"},
};

bool wtfcb_cache_file_system(uint64_t magic, const char **ret_name)
{
    for (size_t i = 0; i < sizeof FILE_SYSTEMS / sizeof *FILE_SYSTEMS; i++) {
        if (FILE_SYSTEMS[i].magic != (uint32_t)magic) continue;
        *ret_name = FILE_SYSTEMS[i].name;
        return FILE_SYSTEMS[i].local;
    }
    *ret_name = "unknown";
    return false;
}

bool wtfcb_cache_is_local(int fd)
{
    struct statfs status;
    int result;
    do
        result = fstatfs(fd, &status);
    while (result != 0 && errno == EINTR);
    const char *name;
    return result == 0 && wtfcb_cache_file_system((uint64_t)status.f_type, &name);
}
