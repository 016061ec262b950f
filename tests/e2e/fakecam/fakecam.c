/* Plays webcams to a program that reads them through Video4Linux: no kernel module, no root.
 *
 *     cc -shared -fPIC -o libfakecam.so fakecam.c -ldl -lpthread
 *     FAKECAM_ROOT=folder LD_PRELOAD=./libfakecam.so program
 *
 * What lies in the folder is written by fakecam.py, and may change while a camera streams:
 *
 *     dev/video0               a FIFO; the program finds it as /dev/video0
 *     video0/settings          one thing a line, see read_settings()
 *     video0/YUYV_640x480      the picture that the camera sees, as it sends it in this format
 *
 * The C library's functions that take a path or a file descriptor are replaced at the end of this
 * file. An open camera's descriptor is an eventfd, so that poll() works; a thread for each camera
 * that streams does what the hardware would: it fills the buffers, and says so by the eventfd.
 * Only what Qt asks for is answered; memory is always the program's own (V4L2_MEMORY_USERPTR).
 * A descriptor duplicated with dup() is no camera.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE /* it would define some of the functions replaced here */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096, FORMATS = 16, BUFFERS = 8, PATH_SIZE = 512 };

struct format {
    unsigned fourcc, width, height, rate;
};

struct settings {
    char name[32];
    unsigned plugged; /* how often it was plugged in: an open camera of before is dead */
    struct format formats[FORMATS];
    unsigned format_count;
    char failing[16]; /* what fails: "open", "write" (opening for writing), "format" ... */
    int error;        /* ... and with which errno */
    bool silent;      /* streams, but no frame ever comes */
    bool metadata;    /* a node that is no camera, as real ones have beside them */
};

struct buffer {
    void *pixels;
    size_t size, used;
};

struct camera {
    int events;             /* the descriptor that the program has; readable once for each frame */
    int node_in_use;        /* the node itself, held open so that others see that it is in use */
    char node[PATH_SIZE];   /* .../dev/video0 */
    char folder[PATH_SIZE]; /* .../video0 */
    unsigned plugged;
    struct format format;

    pthread_t hardware;
    atomic_bool streaming;
    unsigned sequence;

    pthread_mutex_t lock; /* of what follows */
    struct buffer buffers[BUFFERS];
    unsigned buffer_count;
    unsigned queue[BUFFERS]; /* the first `filled` of the `queued` hold a frame */
    unsigned queued, filled;
};

static struct camera *_Atomic cameras[DESCRIPTORS];

/* ------------------------------------------------------------------------------- settings */

static void read_setting(const char *line, struct settings *settings)
{
    struct format format;
    char c[4];

    if (sscanf(line, "format %4c %u %u %u", c, &format.width, &format.height, &format.rate) == 4) {
        format.fourcc = v4l2_fourcc(c[0], c[1], c[2], c[3]);
        if (settings->format_count < FORMATS)
            settings->formats[settings->format_count++] = format;
    } else if (!strcmp(line, "silent\n")) {
        settings->silent = true;
    } else if (!strcmp(line, "metadata\n")) {
        settings->metadata = true;
    } else {
        sscanf(line, "name %31[^\n]", settings->name);
        sscanf(line, "plugged %u", &settings->plugged);
        sscanf(line, "fail %15s %d", settings->failing, &settings->error);
    }
}

static void read_settings(const char *folder, struct settings *settings)
{
    char path[PATH_SIZE + 16], line[128];

    memset(settings, 0, sizeof *settings);
    snprintf(path, sizeof path, "%s/settings", folder);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file))
        read_setting(line, settings);
    fclose(file);
}

/* The errno with which `what` fails now, or 0. */
static int fault(const struct settings *settings, const char *what)
{
    return strcmp(settings->failing, what) ? 0 : settings->error;
}

static int fault_of_opening(const struct settings *settings, bool for_writing)
{
    int error = fault(settings, "open");
    return error || !for_writing ? error : fault(settings, "write");
}

/* ---------------------------------------------------------------------------- the hardware */

/* The bytes of one row of one plane, 0 where there are no rows. */
static unsigned row_size(const struct format *format)
{
    switch (format->fourcc) {
    case V4L2_PIX_FMT_YUYV:
    case V4L2_PIX_FMT_UYVY:
        return 2 * format->width;
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_GREY:
        return format->width;
    default:
        return 0;
    }
}

static size_t frame_size(const struct format *format)
{
    size_t pixels = (size_t)format->width * format->height;
    switch (format->fourcc) {
    case V4L2_PIX_FMT_GREY:
        return pixels;
    case V4L2_PIX_FMT_NV12:
        return pixels * 3 / 2;
    case V4L2_PIX_FMT_MJPEG:
        return pixels * 2 + 65536; /* the most that a JPEG may take */
    default:
        return pixels * 2;
    }
}

static bool is_unplugged(const struct camera *camera, const struct settings *settings)
{
    return access(camera->node, F_OK) || settings->plugged != camera->plugged;
}

static void read_picture(const struct camera *camera, struct buffer *buffer)
{
    char path[PATH_SIZE + 32];
    const struct format *format = &camera->format;
    int code = (int)format->fourcc; /* its four bytes are its name */

    snprintf(path, sizeof path, "%s/%.4s_%ux%u", camera->folder, (const char *)&code, format->width,
             format->height);
    FILE *file = fopen(path, "re");
    buffer->used = file ? fread(buffer->pixels, 1, buffer->size, file) : 0;
    if (file)
        fclose(file);
}

static void tell(const struct camera *camera)
{
    eventfd_write(camera->events, 1);
}

/* Fill the next buffer that is waiting for a frame. */
static void expose(struct camera *camera)
{
    pthread_mutex_lock(&camera->lock);
    bool waiting = camera->filled < camera->queued;
    unsigned next = camera->queue[camera->filled % BUFFERS];
    pthread_mutex_unlock(&camera->lock);
    if (!waiting)
        return;

    struct buffer *buffer = &camera->buffers[next]; /* nobody else touches it while it is queued */
    read_picture(camera, buffer);
    if (!buffer->used)
        return;

    pthread_mutex_lock(&camera->lock);
    camera->filled++;
    pthread_mutex_unlock(&camera->lock);
    tell(camera);
}

static void *run_hardware(void *argument)
{
    struct camera *camera = argument;
    long period = 1000000000L / camera->format.rate;
    struct timespec next;
    struct settings settings;

    clock_gettime(CLOCK_MONOTONIC, &next);
    while (camera->streaming) {
        next.tv_nsec += period;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);

        read_settings(camera->folder, &settings);
        if (is_unplugged(camera, &settings))
            tell(camera); /* as poll() does of a device that is gone */
        else if (!settings.silent)
            expose(camera);
    }
    return NULL;
}

static void stop_hardware(struct camera *camera)
{
    eventfd_t ignored;

    if (!camera->streaming)
        return;
    camera->streaming = false;
    pthread_join(camera->hardware, NULL);
    camera->queued = camera->filled = 0;
    while (!eventfd_read(camera->events, &ignored))
        ;
}

/* -------------------------------------------- what the driver answers: 0, or an errno */

static int query_capabilities(const struct settings *settings, struct v4l2_capability *answer)
{
    unsigned kind = settings->metadata ? V4L2_CAP_META_CAPTURE : V4L2_CAP_VIDEO_CAPTURE;

    memset(answer, 0, sizeof *answer);
    strcpy((char *)answer->driver, "fakecam");
    strcpy((char *)answer->card, settings->name);
    strcpy((char *)answer->bus_info, "platform:fakecam");
    answer->device_caps = kind | V4L2_CAP_STREAMING;
    answer->capabilities = answer->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int name_format(const struct settings *settings, struct v4l2_fmtdesc *answer)
{
    unsigned met = 0;

    for (unsigned i = 0; i < settings->format_count; i++) {
        unsigned fourcc = settings->formats[i].fourcc;
        bool again = i && settings->formats[i - 1].fourcc == fourcc; /* in another size */
        if (again || met++ != answer->index)
            continue;
        answer->pixelformat = fourcc;
        answer->flags = fourcc == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
        return 0;
    }
    return EINVAL;
}

static int name_size(const struct settings *settings, struct v4l2_frmsizeenum *answer)
{
    unsigned met = 0;

    for (unsigned i = 0; i < settings->format_count; i++) {
        const struct format *format = &settings->formats[i];
        if (format->fourcc != answer->pixel_format || met++ != answer->index)
            continue;
        answer->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        answer->discrete = (struct v4l2_frmsize_discrete){format->width, format->height};
        return 0;
    }
    return EINVAL;
}

static const struct format *find_format(const struct settings *settings, unsigned fourcc,
                                        unsigned width, unsigned height)
{
    for (unsigned i = 0; i < settings->format_count; i++) {
        const struct format *format = &settings->formats[i];
        if (format->fourcc == fourcc && format->width == width && format->height == height)
            return format;
    }
    return NULL;
}

static int name_rate(const struct settings *settings, struct v4l2_frmivalenum *answer)
{
    const struct format *format =
        find_format(settings, answer->pixel_format, answer->width, answer->height);

    if (!format || answer->index)
        return EINVAL;
    answer->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    answer->discrete = (struct v4l2_fract){1, format->rate};
    return 0;
}

static int set_format(const struct settings *settings, struct camera *camera,
                      struct v4l2_format *wish)
{
    struct v4l2_pix_format *pixels = &wish->fmt.pix;
    const struct format *format =
        find_format(settings, pixels->pixelformat, pixels->width, pixels->height);

    if (!format)
        return EINVAL;
    if (fault(settings, "format"))
        return fault(settings, "format");
    if (camera->buffer_count)
        return EBUSY;
    camera->format = *format;
    pixels->field = V4L2_FIELD_NONE;
    pixels->bytesperline = row_size(format);
    pixels->sizeimage = frame_size(format);
    pixels->colorspace = V4L2_COLORSPACE_SRGB;
    return 0;
}

static int set_rate(const struct camera *camera, struct v4l2_streamparm *wish)
{
    wish->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    wish->parm.capture.timeperframe = (struct v4l2_fract){1, camera->format.rate};
    return 0;
}

static int request_buffers(const struct settings *settings, struct camera *camera,
                           struct v4l2_requestbuffers *wish)
{
    if (fault(settings, "buffers"))
        return fault(settings, "buffers");
    if (wish->memory != V4L2_MEMORY_USERPTR)
        return EINVAL;
    if (camera->streaming)
        return EBUSY;
    if (wish->count > BUFFERS)
        wish->count = BUFFERS;
    camera->buffer_count = wish->count;
    return 0;
}

static int queue_buffer(struct camera *camera, const struct v4l2_buffer *given)
{
    if (given->index >= camera->buffer_count || given->length < frame_size(&camera->format))
        return EINVAL;
    pthread_mutex_lock(&camera->lock);
    camera->buffers[given->index] =
        (struct buffer){.pixels = (void *)given->m.userptr, .size = given->length};
    if (camera->queued < BUFFERS)
        camera->queue[camera->queued++] = given->index;
    pthread_mutex_unlock(&camera->lock);
    return 0;
}

static int take_buffer(struct camera *camera, struct v4l2_buffer *answer)
{
    eventfd_t one;
    struct timespec now;

    if (eventfd_read(camera->events, &one))
        return EAGAIN;
    pthread_mutex_lock(&camera->lock);
    unsigned index = camera->queue[0];
    camera->filled--;
    camera->queued--;
    memmove(camera->queue, camera->queue + 1, camera->queued * sizeof *camera->queue);
    pthread_mutex_unlock(&camera->lock);

    const struct buffer *buffer = &camera->buffers[index];
    clock_gettime(CLOCK_MONOTONIC, &now);
    answer->index = index;
    answer->m.userptr = (unsigned long)buffer->pixels;
    answer->length = buffer->size;
    answer->bytesused = buffer->used;
    answer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    answer->field = V4L2_FIELD_NONE;
    answer->timestamp = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    answer->sequence = camera->sequence++;
    return 0;
}

static int start_stream(const struct settings *settings, struct camera *camera)
{
    if (fault(settings, "stream"))
        return fault(settings, "stream");
    if (!camera->buffer_count || camera->streaming)
        return EINVAL;
    camera->sequence = 0;
    camera->streaming = true;
    return pthread_create(&camera->hardware, NULL, run_hardware, camera);
}

static int answer(struct camera *camera, unsigned request, void *argument)
{
    struct settings settings;

    if (request == VIDIOC_STREAMOFF) {
        stop_hardware(camera);
        return 0;
    }
    read_settings(camera->folder, &settings);
    if (is_unplugged(camera, &settings))
        return ENODEV;
    switch (request) {
    case VIDIOC_QUERYCAP:
        return query_capabilities(&settings, argument);
    case VIDIOC_ENUM_FMT:
        return name_format(&settings, argument);
    case VIDIOC_ENUM_FRAMESIZES:
        return name_size(&settings, argument);
    case VIDIOC_ENUM_FRAMEINTERVALS:
        return name_rate(&settings, argument);
    case VIDIOC_S_FMT:
        return set_format(&settings, camera, argument);
    case VIDIOC_S_PARM:
        return set_rate(camera, argument);
    case VIDIOC_REQBUFS:
        return request_buffers(&settings, camera, argument);
    case VIDIOC_QBUF:
        return queue_buffer(camera, argument);
    case VIDIOC_DQBUF:
        return take_buffer(camera, argument);
    case VIDIOC_STREAMON:
        return start_stream(&settings, camera);
    case VIDIOC_QUERYCTRL:
        return EINVAL; /* it has no brightness or focus to set */
    default:
        return ENOTTY;
    }
}

/* ----------------------------------------------------------- from paths to open cameras */

static bool is_node(const char *path)
{
    return getenv("FAKECAM_ROOT") && !strncmp(path, "/dev/video", strlen("/dev/video"));
}

/* Where the file lies: /dev and the cameras in it are those of the folder. */
static const char *place(const char *path, char *place)
{
    bool directory = getenv("FAKECAM_ROOT") && (!strcmp(path, "/dev") || !strcmp(path, "/dev/"));

    if (!directory && !is_node(path))
        return path;
    snprintf(place, PATH_SIZE, "%s%s", getenv("FAKECAM_ROOT"), path);
    return place;
}

static void settings_of(const char *path, char *folder, struct settings *settings)
{
    snprintf(folder, PATH_SIZE, "%s%s", getenv("FAKECAM_ROOT"), path + strlen("/dev"));
    read_settings(folder, settings);
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int open_camera(const char *path, int flags)
{
    struct settings settings;
    struct camera *camera = calloc(1, sizeof *camera);

    place(path, camera->node);
    settings_of(path, camera->folder, &settings);
    camera->plugged = settings.plugged;
    int error = access(camera->node, F_OK) ? ENOENT : 0;
    if (!error)
        error = fault_of_opening(&settings, (flags & O_ACCMODE) != O_RDONLY);
    if (error) {
        free(camera);
        return fail(error);
    }
    camera->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    if (camera->events < 0 || camera->events >= DESCRIPTORS)
        abort(); /* no test opens so many files */
    camera->node_in_use = open(camera->node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    pthread_mutex_init(&camera->lock, NULL);
    cameras[camera->events] = camera;
    return camera->events;
}

static struct camera *camera_of(int descriptor)
{
    return descriptor >= 0 && descriptor < DESCRIPTORS ? cameras[descriptor] : NULL;
}

static void close_camera(struct camera *camera)
{
    cameras[camera->events] = NULL;
    stop_hardware(camera);
    close(camera->node_in_use);
    free(camera);
}

static int access_camera(const char *path, int mode)
{
    char folder[PATH_SIZE];
    struct settings settings;

    settings_of(path, folder, &settings);
    return mode == F_OK ? 0 : fault_of_opening(&settings, mode & W_OK);
}

/* ------------------------------------------------- the functions of the C library replaced */

/* `next_open` is the C library's own open, and so on. */
#define NEXT(name)                                                                                 \
    static __typeof__(name) *next_##name;                                                          \
    if (!next_##name)                                                                              \
        next_##name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* The mode that follows the flags when a file may be made. */
#define MODE(flags, mode)                                                                          \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                       \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode = va_arg(rest, mode_t);                                                               \
        va_end(rest);                                                                              \
    }

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        NEXT(name);                                                                                \
        MODE(flags, mode)                                                                          \
        return is_node(path) ? open_camera(path, flags) : next_##name(path, flags, mode);          \
    }

#define OPENAT(name)                                                                               \
    int name(int folder, const char *path, int flags, ...)                                         \
    {                                                                                              \
        NEXT(name);                                                                                \
        MODE(flags, mode)                                                                          \
        return is_node(path) ? open_camera(path, flags) : next_##name(folder, path, flags, mode);  \
    }

#define STAT(name, type)                                                                           \
    int name(const char *restrict path, struct type *restrict status)                              \
    {                                                                                              \
        NEXT(name);                                                                                \
        char there[PATH_SIZE];                                                                     \
        return next_##name(place(path, there), status);                                            \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)
STAT(lstat64, stat64)

int statx(int folder, const char *restrict path, int flags, unsigned mask,
          struct statx *restrict status)
{
    NEXT(statx);
    char there[PATH_SIZE];
    return next_statx(folder, place(path, there), flags, mask, status);
}

int access(const char *path, int mode)
{
    NEXT(access);
    char there[PATH_SIZE];
    int error = is_node(path) ? access_camera(path, mode) : 0;
    return error ? fail(error) : next_access(place(path, there), mode);
}

int faccessat(int folder, const char *path, int mode, int flags)
{
    NEXT(faccessat);
    char there[PATH_SIZE];
    int error = is_node(path) ? access_camera(path, mode) : 0;
    return error ? fail(error) : next_faccessat(folder, place(path, there), mode, flags);
}

DIR *opendir(const char *path)
{
    NEXT(opendir);
    char there[PATH_SIZE];
    return next_opendir(place(path, there));
}

int inotify_add_watch(int descriptor, const char *path, uint32_t mask)
{
    NEXT(inotify_add_watch);
    char there[PATH_SIZE];
    return next_inotify_add_watch(descriptor, place(path, there), mask);
}

int ioctl(int descriptor, unsigned long request, ...)
{
    NEXT(ioctl);
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    struct camera *camera = camera_of(descriptor);
    if (!camera)
        return next_ioctl(descriptor, request, argument);
    int error = answer(camera, request, argument);
    return error ? fail(error) : 0;
}

int close(int descriptor)
{
    NEXT(close);
    struct camera *camera = camera_of(descriptor);
    if (camera)
        close_camera(camera);
    return next_close(descriptor);
}
