/* The starter of the AppImage: mounts the file system that lies behind it in the same file, and
 * runs AppRun from there. Where that cannot be (no FUSE), it unpacks it for as long as it runs.
 *
 *     FlorApp.AppImage --appimage-extract     unpacks it into ./squashfs-root
 *
 * Linked statically (appimage.py), as it must run on any Linux.
 */
#define _GNU_SOURCE
#include <ll.h> /* of squashfuse; it brings the macros that the others look at */
#include <traverse.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char self[PATH_MAX];

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "FlorApp: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* The file system begins where the program ends: behind its table of sections. */
static size_t offset(void)
{
    Elf64_Ehdr head;
    int file = open(self, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &head, sizeof head) != (ssize_t)sizeof head)
        fail("this file cannot be read");
    close(file);
    return head.e_shoff + (size_t)head.e_shentsize * head.e_shnum;
}

/* ---------------------------------------------------------------- unpacking */

static void unpack_file(sqfs *fs, sqfs_inode *inode, const char *path)
{
    static char buffer[1 << 17];
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, inode->base.mode & 0777);
    if (file < 0)
        fail(path);
    for (sqfs_off_t at = 0;;) {
        sqfs_off_t size = sizeof buffer;
        if (sqfs_read_range(fs, inode, at, &size, buffer))
            fail("this file is damaged");
        if (!size)
            break;
        for (sqfs_off_t written = 0; written < size;) {
            ssize_t done = write(file, buffer + written, (size_t)(size - written));
            if (done < 0)
                fail(path);
            written += done;
        }
        at += size;
    }
    close(file);
}

static void unpack(const char *folder)
{
    sqfs fs;
    sqfs_traverse at;
    sqfs_err error = sqfs_open_image(&fs, self, offset());
    if (error || (error = sqfs_traverse_open(&at, &fs, sqfs_inode_root(&fs))))
        fail("this file is damaged");
    while (sqfs_traverse_next(&at, &error)) {
        char path[PATH_MAX], target[PATH_MAX];
        sqfs_inode inode;
        size_t size = sizeof target;
        if (at.dir_end)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, at.path) >= (int)sizeof path
            || sqfs_inode_get(&fs, &inode, sqfs_dentry_inode(&at.entry)))
            fail("this file is damaged");
        if (S_ISDIR(inode.base.mode)) {
            if (mkdir(path, 0755) && errno != EEXIST)
                fail(path);
        } else if (S_ISLNK(inode.base.mode)) {
            if (sqfs_readlink(&fs, &inode, target, &size) || symlink(target, path))
                fail(path);
        } else {
            unpack_file(&fs, &inode, path);
        }
    }
    if (error)
        fail("this file is damaged");
    sqfs_traverse_close(&at);
    sqfs_destroy(&fs);
}

static int forget(const char *path, const struct stat *s, int flag, struct FTW *ftw)
{
    (void)s, (void)flag, (void)ftw;
    return remove(path);
}

/* ----------------------------------------------------------------- mounting */

struct mounted {
    sqfs_ll_chan channel;
    const char *folder;
    int alive; /* closed by the system when the program and all that it started have ended */
};

static void *wait_for_the_end(void *given)
{
    struct mounted *it = given;
    char byte;
    while (read(it->alive, &byte, 1) < 0 && errno == EINTR)
        ;
    fuse_session_exit(it->channel.session);
    sqfs_ll_unmount(&it->channel, it->folder); /* wakes the loop */
    return NULL;
}

/* Serve the file system until `alive` is closed; `ready` is written to when it is there. */
static void serve(const char *folder, int ready, int alive)
{
    struct fuse_lowlevel_ops ops = {
        .getattr = sqfs_ll_op_getattr,   .opendir = sqfs_ll_op_opendir,
        .releasedir = sqfs_ll_op_releasedir, .readdir = sqfs_ll_op_readdir,
        .lookup = sqfs_ll_op_lookup,     .open = sqfs_ll_op_open,
        .create = sqfs_ll_op_create,     .release = sqfs_ll_op_release,
        .read = sqfs_ll_op_read,         .readlink = sqfs_ll_op_readlink,
        .listxattr = sqfs_ll_op_listxattr, .getxattr = sqfs_ll_op_getxattr,
        .forget = sqfs_ll_op_forget,     .statfs = stfs_ll_op_statfs,
    };
    char *words[] = {"florapp", "-oro,nodev,subtype=florapp"};
    struct fuse_args arguments = FUSE_ARGS_INIT(2, words);
    struct mounted it = {.folder = folder, .alive = alive};
    sqfs_ll *files = sqfs_ll_open(self, offset());
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    pthread_t thread;

    setsid(); /* Ctrl-C is for the program, which may want to read on */
    dup2(nothing, 0), dup2(nothing, 1), dup2(nothing, 2);
    if (!files || sqfs_ll_mount(&it.channel, folder, &arguments, &ops, sizeof ops, files))
        exit(1);
    if (pthread_create(&thread, NULL, wait_for_the_end, &it) || write(ready, "1", 1) != 1) {
        sqfs_ll_unmount(&it.channel, folder);
        exit(1);
    }
    close(ready);
    fuse_session_loop(it.channel.session);
    pthread_join(thread, NULL);
    rmdir(folder);
    exit(0);
}

static bool mount_at(const char *folder)
{
    int ready[2], alive[2];
    char byte;
    if (pipe(ready) || pipe(alive))
        fail("no pipe can be made");
    pid_t child = fork();
    if (child == 0) { /* twice, so that the program has no child that it does not know */
        close(ready[0]), close(alive[1]);
        if (fork() == 0)
            serve(folder, ready[1], alive[0]);
        _exit(0);
    }
    close(ready[1]), close(alive[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    bool there = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    if (!there)
        close(alive[1]); /* else it stays open in the program, on purpose */
    return there;
}

/* -------------------------------------------------------------------- start */

static void run(const char *folder, char **argv)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/AppRun", folder);
    setenv("APPIMAGE", self, 1);
    setenv("APPDIR", folder, 1);
    execv(path, argv);
    fail(path);
}

static pid_t program;

static void pass_on(int number)
{
    if (program > 0)
        kill(program, number);
}

int main(int argc, char **argv)
{
    const char *temporary = getenv("TMPDIR");
    char folder[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (size < 0)
        fail("/proc/self/exe");
    self[size] = 0;

    if (argc == 2 && !strcmp(argv[1], "--appimage-extract")) {
        if (mkdir("squashfs-root", 0755))
            fail("squashfs-root");
        unpack("squashfs-root");
        return 0;
    }
    snprintf(folder, sizeof folder, "%s/.florapp-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        fail(folder);
    if (mount_at(folder))
        run(folder, argv);

    program = fork();
    int status = 1 << 8;
    if (program == 0) {
        unpack(folder);
        run(folder, argv);
    }
    /* Whatever ends the program, what was unpacked goes. A terminal's signals it gets itself. */
    signal(SIGINT, SIG_IGN), signal(SIGQUIT, SIG_IGN), signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, pass_on);
    while (program > 0 && waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    nftw(folder, forget, 16, FTW_DEPTH | FTW_PHYS);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
