package device

/*
#include <stdint.h>
#include <string.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#endif

// The ring between a device's callback, which is here, and Go, which has the
// other end in nativeLine. One side writes, one reads; the positions only grow.
enum { NX_RING = 1 << 16 };

struct nx_line {
	uint64_t written; uint8_t pad0[56];
	uint64_t read;    uint8_t pad1[56];
	uint64_t calls;   // callbacks so far
	uint64_t dropped; // recorded samples that found no room
	uint64_t missed;  // samples of silence played after the first written one
	uint32_t gone;    // set by Go: exchange nothing any more
	uint32_t channels; // samples of a frame; set before the device starts
	uint32_t thread;  // the system's number of the thread that calls back, 0 if unknown
	uint64_t late;    // microseconds by which callbacks came after slack, all together
	uint64_t slack;   // microseconds of sound that the sound system holds; set before the start
	uint64_t last;    // when the callback came last, in microseconds
	int16_t  buf[NX_RING];
};

// The head of miniaudio's struct ma_device, as far as it is needed.
struct nx_device {
	void     *context;
	int       type;
	uint32_t  rate;
	int       state;
	void    (*data)(void *, void *, const void *, uint32_t);
	void    (*notification)(const void *);
	void    (*stop)(void *);
	void     *user;
};

// nx_on_time counts how late this callback is. Where it comes later than the
// sound that the system holds lasts, the system has played silence (or dropped
// what it recorded), and nobody else would know. A device that stood still for
// longer is lost, not late.
static void nx_on_time(struct nx_line *l) {
#ifdef __linux__
	struct timespec t;
	if (l->last == 0) __atomic_store_n(&l->thread, (uint32_t)syscall(SYS_gettid), __ATOMIC_RELAXED);
	clock_gettime(CLOCK_MONOTONIC, &t); // no system call
	uint64_t now = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
	uint64_t gap = now - l->last;
	if (l->last != 0 && gap > l->slack && gap < 400000) __atomic_fetch_add(&l->late, gap - l->slack, __ATOMIC_RELAXED);
	l->last = now;
#else
	(void)l;
#endif
}

static void nx_record(void *device, void *out, const void *in, uint32_t frames) {
	struct nx_line *l = ((struct nx_device *)device)->user;
	(void)out;
	__atomic_fetch_add(&l->calls, 1, __ATOMIC_RELAXED);
	nx_on_time(l);
	if (in == NULL || __atomic_load_n(&l->gone, __ATOMIC_RELAXED)) return;
	frames *= l->channels; // samples from here on
	uint64_t at = l->written;
	uint64_t room = NX_RING - (at - __atomic_load_n(&l->read, __ATOMIC_ACQUIRE));
	uint32_t n = frames < room ? frames : (uint32_t)(room - room % l->channels);
	uint32_t i = (uint32_t)(at & (NX_RING - 1));
	uint32_t k = n < NX_RING - i ? n : NX_RING - i;
	memcpy(l->buf + i, in, k * sizeof(int16_t));
	memcpy(l->buf, (const int16_t *)in + k, (n - k) * sizeof(int16_t));
	__atomic_store_n(&l->written, at + n, __ATOMIC_RELEASE);
	if (n < frames) __atomic_fetch_add(&l->dropped, frames - n, __ATOMIC_RELAXED);
}

static void nx_fill(void *device, void *out, const void *in, uint32_t frames) {
	struct nx_line *l = ((struct nx_device *)device)->user;
	(void)in;
	__atomic_fetch_add(&l->calls, 1, __ATOMIC_RELAXED);
	nx_on_time(l);
	if (out == NULL) return;
	uint64_t at = l->read;
	uint64_t written = __atomic_load_n(&l->written, __ATOMIC_ACQUIRE);
	uint64_t have = __atomic_load_n(&l->gone, __ATOMIC_RELAXED) ? 0 : written - at;
	uint32_t n = frames < have ? frames : (uint32_t)have;
	uint32_t i = (uint32_t)(at & (NX_RING - 1));
	uint32_t k = n < NX_RING - i ? n : NX_RING - i;
	memcpy(out, l->buf + i, k * sizeof(int16_t));
	memcpy((int16_t *)out + k, l->buf, (n - k) * sizeof(int16_t));
	memset((int16_t *)out + n, 0, (frames - n) * sizeof(int16_t));
	__atomic_store_n(&l->read, at + n, __ATOMIC_RELEASE);
	if (n < frames && written != 0) __atomic_fetch_add(&l->missed, frames - n, __ATOMIC_RELAXED);
}

// nx_adopt puts our callback in the place of malgo's, if device is what we take
// it for: an initialised, stopped miniaudio device whose user data is l.
static int nx_adopt(void *device, int type, uint32_t rate, int speaker, struct nx_line *l) {
	struct nx_device *d = device;
	if (d == NULL || d->type != type || d->rate != rate || d->state != 1 ||
	    d->data == NULL || d->notification != NULL || d->user != l) return 0;
	d->data = speaker ? nx_fill : nx_record;
	return 1;
}
*/
import "C"

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"
)

// nativeLine is a line whose callback is written in C.
//
// A callback into Go from a thread of the sound library costs this machine
// 5 % of a core, nearly all of it in the runtime's monitor thread, which each
// entry wakes into a fit of 20 us sleeps; and it waits for a free P, behind
// whatever else the program computes. Neither shows in a profile of Go code.
// malgo takes no C callback, but miniaudio does: adopt puts ours into the
// device between its initialisation and its start.
//
// The C struct lies in Go memory, pinned while the device is open, so that a
// late reader never meets freed memory.
type nativeLine struct {
	c   *C.struct_nx_line
	pin runtime.Pinner
}

var _ line = (*nativeLine)(nil)

func newNativeLine() *nativeLine {
	l := &nativeLine{c: new(C.struct_nx_line)}
	l.pin.Pin(l.c)
	return l
}

// user is what the device's user data must be set to.
func (l *nativeLine) user() *byte { return (*byte)(unsafe.Pointer(l.c)) }

// adopt makes dev, initialised and not started, call this line, and reports
// whether that could be done safely. malgo.Device holds a pointer to the
// pointer to miniaudio's struct, whose head struct nx_device repeats; both are
// checked before anything is changed, and the user data, which only this line
// can have set, is the proof. TestNativeLine notices an update that moves them.
func (l *nativeLine) adopt(dev *malgo.Device, dir Direction, channels int, slack time.Duration) bool {
	var m malgo.Device
	if unsafe.Sizeof(m) != unsafe.Sizeof(uintptr(0)) {
		return false
	}
	raw := **(**unsafe.Pointer)(unsafe.Pointer(dev))
	speaker := C.int(0)
	if dir == Speaker {
		speaker = 1
	}
	l.c.channels, l.c.slack = C.uint32_t(channels), C.uint64_t(slack.Microseconds())
	return C.nx_adopt(raw, C.int(dev.Type()), C.uint32_t(dev.SampleRate()), speaker, l.c) == 1
}

// release unpins the memory, once no callback can come any more.
func (l *nativeLine) release() { l.pin.Unpin() }

const nativeMask = C.NX_RING - 1

func (l *nativeLine) queued() int {
	// The reader's position first: read the other way round, a third goroutine
	// could see more read than written.
	read := load(&l.c.read)
	return min(int(load(&l.c.written)-read), C.NX_RING)
}

func (l *nativeLine) read(dst []int16) int {
	at := load(&l.c.read)
	n := min(len(dst), int(load(&l.c.written)-at))
	k := copy(dst[:n], l.samples()[at&nativeMask:])
	copy(dst[k:n], l.samples())
	store(&l.c.read, at+uint64(n))
	return n
}

func (l *nativeLine) write(src []int16) int {
	at := load(&l.c.written)
	n := min(len(src), C.NX_RING-int(at-load(&l.c.read)))
	k := copy(l.samples()[at&nativeMask:], src[:n])
	copy(l.samples(), src[k:n])
	store(&l.c.written, at+uint64(n))
	return n
}

func (l *nativeLine) discard(n int) int {
	at := load(&l.c.read)
	n = min(max(n, 0), int(load(&l.c.written)-at))
	store(&l.c.read, at+uint64(n))
	return n
}

func (l *nativeLine) calls() uint64   { return load(&l.c.calls) }
func (l *nativeLine) dropped() uint64 { return load(&l.c.dropped) }
func (l *nativeLine) missed() uint64  { return load(&l.c.missed) }
func (l *nativeLine) late() time.Duration {
	return time.Duration(load(&l.c.late)) * time.Microsecond
}
func (l *nativeLine) thread() int {
	return int(atomic.LoadUint32((*uint32)(unsafe.Pointer(&l.c.thread))))
}
func (l *nativeLine) mute() { atomic.StoreUint32((*uint32)(unsafe.Pointer(&l.c.gone)), 1) }

func (l *nativeLine) samples() []int16 {
	return unsafe.Slice((*int16)(unsafe.Pointer(&l.c.buf)), C.NX_RING)
}

func load(p *C.uint64_t) uint64     { return atomic.LoadUint64((*uint64)(unsafe.Pointer(p))) }
func store(p *C.uint64_t, v uint64) { atomic.StoreUint64((*uint64)(unsafe.Pointer(p)), v) }
