// Package session is what a desktop session offers to a program, without a
// toolkit: it holds off screen saver and sleep, grabs global keys, shows
// notifications and a tray icon, finds the first instance, places and raises a
// window, and starts the program with the session.
//
// # Usage
//
//	awake := session.NewAwake(env, "nxphone", reason)
//	go awake.Run(ctx)
//	awake.Hold(true) // returns at once
//
// Each part is a small type of its own that wants one goroutine for its Run:
// [Awake], [Hotkeys], [Notes], [Tray], and [First] for the single instance.
// [Windows] has blocking calls for the window's place; [Memory] keeps that place
// in a file; [Autostart] writes the session's file.
//
// A part is told what should be, not what to do, and brings the desktop to it:
// when a service comes late, or dies and comes back in the middle of a call, it
// is told anew. What a desktop does not have is no error to anybody; it is told
// once to the log, and where a person has to know it (a global key that another
// program has) it is a value that the window shows.
//
// On Windows the same types stand for what is there: the execution state,
// RegisterHotKey, the notification area with its notes, the registry's list of
// what starts with the session, and a port of the machine's own for the single
// instance. The tray, the global keys and each note without a tray have a hidden
// window of their own, on a thread that ends with their Run.
//
// Nothing here knows a phone number, and nothing remote is ever passed on.
//
// # Concurrency
//
// Setters may be called from any goroutine and never wait. Callbacks come on
// the part's own goroutine and must not wait for the part. A Run returns soon
// after its context has ended, having released everything; what is held by a
// connection (all of it: D-Bus, X11, logind's descriptor, the lock) is also
// released by the kernel when the process dies.
//
// # Testing
//
// Against real parts: a dbus-daemon with services that the test plays, Xvfb with
// openbox. Other tests of the real window are in call/interop. What only Windows
// has is run under Wine by packaging/windows/test.
//
// # Models
//
// Telegram's Desktop App Toolkit (every way to stay awake behind one switch),
// Chromium's X11GlobalShortcutListener (a key is grabbed with all lock keys or
// not at all) and KStatusNotifierItem (an icon that outlives its watcher). Better
// here: held-down keys do not repeat the command, a service that restarts is
// told again, a missing bus is not started behind the user's back, and all of it
// is tested against the real daemons. Fyne's own tray was left out: it makes a
// second OpenGL window, has no words besides the icon on Linux, and starts a bus
// where there is none.
package session
