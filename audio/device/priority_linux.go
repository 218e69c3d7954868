package device

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	// RealtimeKit, which desktops run for this purpose, speaks D-Bus alone; the
	// library is in the program already, for the tray.
	"github.com/godbus/dbus/v5"
)

const (
	schedRR          = 2          // SCHED_RR, sched(7)
	schedResetOnFork = 0x40000000 // SCHED_RESET_ON_FORK
	// urgency is the priority among real-time threads: the lowest but a few, as
	// sound daemons themselves take.
	urgency = 5
	// niceness is what PulseAudio and PipeWire ask for where real time is
	// refused.
	niceness = -11
	// askLimit bounds the question to RealtimeKit.
	askLimit = 2 * time.Second
)

// prefer gives a thread of this process priority: real time where the system
// allows it to this user (RLIMIT_RTPRIO), else a high one, by itself or through
// RealtimeKit. The thread only copies sound, so that it cannot keep a core from
// others; RealtimeKit's real time is not asked for, because it wants a limit on
// the whole process, beyond which the kernel would kill it.
func prefer(thread int) error {
	priority := int32(urgency)
	_, _, no := syscall.RawSyscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(thread), schedRR|schedResetOnFork, uintptr(unsafe.Pointer(&priority)))
	if no == 0 {
		return nil
	}
	if syscall.Setpriority(syscall.PRIO_PROCESS, thread, niceness) == nil {
		return nil
	}
	return errors.Join(fmt.Errorf("device: real time: %w", no), askRealtimeKit(thread))
}

func askRealtimeKit(thread int) error {
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("device: RealtimeKit: %w", err)
	}
	defer bus.Close()
	kit := bus.Object("org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1")
	call := kit.CallWithContext(ctx, "org.freedesktop.RealtimeKit1.MakeThreadHighPriorityWithPID", 0,
		uint64(os.Getpid()), uint64(thread), int32(niceness))
	if call.Err != nil {
		return fmt.Errorf("device: RealtimeKit: %w", call.Err)
	}
	return nil
}
