package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Desktop is a screen without a monitor and a sound card without a speaker:
// Xvfb on a free display, and a private PulseAudio daemon whose default
// microphone and default speaker are null sinks that a test can play into and
// record from.
type Desktop struct {
	// Env is the environment of a program on this desktop.
	Env []string
	// Display is the X display, ":7".
	Display string

	dir      string
	run      string // for sockets
	group    *Group
	programs programs
}

func desktopParts() []part {
	return []part{
		{"Xvfb", "xvfb"}, {"xdotool", "xdotool"}, {"openbox", "openbox"},
		{"pulseaudio", "pulseaudio"}, {"pactl", "pulseaudio-utils"}, {"parec", "pulseaudio-utils"}, {"pacat", "pulseaudio-utils"},
		{"import", "imagemagick"},
	}
}

// The names of the sinks: what the user's speaker plays, and what the user
// says into the microphone.
const (
	speakerSink    = "nx_speaker"
	microphoneSink = "nx_microphone"
)

// pulseScript sets the daemon up. The microphone is a source of its own on top
// of its sink's monitor, because phones do not offer monitors as microphones.
const pulseScript = `load-module module-null-sink sink_name=` + speakerSink + ` rate=48000 channels=2
load-module module-null-sink sink_name=` + microphoneSink + ` rate=48000 channels=2
load-module module-remap-source master=` + microphoneSink + `.monitor source_name=nx_source channels=2
set-default-sink ` + speakerSink + `
set-default-source nx_source
load-module module-native-protocol-unix auth-anonymous=1 socket=`

// StartDesktop runs a desktop for a test; dir is where it may write.
func StartDesktop(ctx context.Context, g *Group, dir string) (*Desktop, error) {
	progs, err := findPrograms(desktopParts())
	if err != nil {
		return nil, err
	}
	d := &Desktop{dir: dir, group: g, programs: progs}
	if d.run, err = os.MkdirTemp("", "nx"); err != nil {
		return nil, err
	}
	d.Env = append(Home(filepath.Join(dir, "home")),
		"XDG_RUNTIME_DIR="+d.run, "PULSE_SERVER=unix:"+d.pulseSocket(), "PULSE_COOKIE="+filepath.Join(d.run, "cookie"),
		"LANG=ko_KR.UTF-8", "LC_ALL=ko_KR.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1")
	if err := os.MkdirAll(filepath.Join(dir, "home"), 0o700); err != nil {
		return nil, err
	}
	if err := errors.Join(d.startScreen(ctx), d.startSound(ctx)); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close removes the desktop's sockets. Its programs end with their group.
func (d *Desktop) Close() { os.RemoveAll(d.run) }

func (d *Desktop) pulseSocket() string { return filepath.Join(d.run, "pulse.socket") }

// startScreen lets Xvfb choose a free display and tell which.
func (d *Desktop) startScreen(ctx context.Context) error {
	var err error
	if d.Display, err = startXvfb(ctx, d.group, d.programs["Xvfb"], "1280x1024x24"); err != nil {
		return err
	}
	d.Env = append(d.Env, "DISPLAY="+d.Display)
	_, err = d.group.Start(Spec{Name: "openbox", Path: d.programs["openbox"], Env: d.Env, Args: []string{"--sm-disable"}})
	return err
}

func (d *Desktop) startSound(ctx context.Context) error {
	script := filepath.Join(d.dir, "pulse.pa")
	if err := os.WriteFile(script, []byte(pulseScript+d.pulseSocket()+"\n"), 0o644); err != nil {
		return err
	}
	p, err := d.group.Start(Spec{Name: "pulseaudio", Path: d.programs["pulseaudio"], Env: d.Env,
		Args: []string{"-n", "-F", script, "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit",
			"--realtime=yes", "--high-priority=yes", "--log-target=stderr"}})
	if err != nil {
		return err
	}
	err = waitReady(ctx, p, func() (bool, error) {
		out, err := d.output(ctx, "pactl", "list", "short", "sources")
		return err == nil && strings.Contains(out, "nx_source"), nil
	})
	if err == nil {
		keepRealtime(p.PID())
	}
	return err
}

// keepRealtime gives the sound server's main thread, which gives up what it has
// inherited, the real-time policy of this process; without one it does nothing.
// What may not be, is not, and the sound suffers on a busy machine as it did.
func keepRealtime(pid int) {
	ours, err := unix.SchedGetAttr(0, 0)
	if err == nil && (ours.Policy == unix.SCHED_RR || ours.Policy == unix.SCHED_FIFO) {
		ours.Priority++
		_ = unix.SchedSetAttr(pid, ours, 0)
	}
}

// command makes a command that runs on the desktop.
func (d *Desktop) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.programs[name], args...)
	cmd.Env = append(os.Environ(), d.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func (d *Desktop) output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := d.command(ctx, name, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("interop: %s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// Xdotool runs one xdotool command and returns what it prints.
func (d *Desktop) Xdotool(ctx context.Context, args ...string) (string, error) {
	return d.output(ctx, "xdotool", args...)
}

// Screenshot saves a window, or "root" for the whole screen, as a PNG.
func (d *Desktop) Screenshot(ctx context.Context, window, file string) error {
	_, err := d.output(ctx, "import", "-window", window, file)
	return err
}

// Speak plays a WAV file into the virtual microphone, over and over, until
// the group stops.
func (d *Desktop) Speak(name, rawFile string) (*Process, error) {
	return d.group.Start(Spec{Name: name, Path: d.programs["pacat"], Env: d.Env, MayEnd: true,
		Args: []string{"--playback", "--device=" + microphoneSink, "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=20", rawFile}})
}

// Listen records the virtual speaker, raw 16-bit mono at 48 kHz, until the
// process is stopped.
func (d *Desktop) Listen(name, rawFile string) (*Process, error) {
	return d.group.Start(Spec{Name: name, Path: d.programs["parec"], Env: d.Env, MayEnd: true,
		Args: []string{"--record", "--device=" + speakerSink + ".monitor", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=20", rawFile}})
}

// Sink is one of the desktop's two.
type Sink string

// The sinks that can be listened to.
const (
	Speaker    Sink = speakerSink
	Microphone Sink = microphoneSink
)

// Hear starts a program that writes what a sink plays into the pipe that it
// returns: 16-bit mono at 48 kHz, some 10 ms at a time. The caller closes the
// pipe, which ends the program.
func (d *Desktop) Hear(name string, s Sink) (*os.File, error) {
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer to.Close()
	_, err = d.group.Start(Spec{Name: name, Path: d.programs["parec"], Env: d.Env, MayEnd: true, Stdout: to,
		Args: []string{"--record", "--device=" + string(s) + ".monitor", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=10"}})
	if err != nil {
		from.Close()
		return nil, err
	}
	return from, nil
}
