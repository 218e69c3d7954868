// Package ui is the window of the phone: it turns taps and keys into commands
// and shows what the engine tells.
//
// # Usage
//
//	err := ui.Run(ctx, ui.Options{Phone: engine, Settings: settings, Devices: list})
//
// Run needs the main goroutine, opens the window, and returns when it has been
// closed or ctx has ended. Where no window can open it returns [ErrNoDisplay]
// or [ErrNoOpenGL] instead of leaving a process that nobody can see.
//
// # Shape
//
// One way in, one way out. A goroutine of the pump ranges over Phone.Watch and
// hands each snapshot to the UI goroutine, with at most one crossing under way,
// so a burst of updates costs one frame; pump.go is the only file that crosses.
// There, [present.Of] turns the snapshot and what the window knows by itself
// into plain values, and small views (one a file) copy those into widgets. The
// other way, every command leaves the UI goroutine at once; a button changes by
// the snapshot that the command led to, not by its own tap.
//
// What others want of the phone (web pages, links, other programs) is shown and
// asked about and never done by itself: a question stands in front of everything
// but a call's own buttons, its default is no, and yes can be given only after
// it has been on the screen for a second. Whoever comes or goes moves no button.
//
// # Settings
//
// page_settings.go is a list of sections and a page for each; a row is one key
// (settings_rows.go) with a tag that says where its value comes from and, where
// something above the user decides, a lock, a disabled field and who fixed it.
// A draft (settings_draft.go) holds what was edited over all sections, so that
// [Settings].Save gets what changed and nothing else. Whether a key takes a
// value is asked of the store as it is typed; the words for a refusal are the
// catalogue's. page_first.go leads through the first minutes to a test call with
// the same rows. shortcuts.go is the one table by which keys are bound and
// listed.
//
// # Sizes
//
// The window has three sizes (present.Size): one column, the same column with
// the shift and the recent calls beside it, and one strip. stage.go says what
// stands where; the views know nothing of it. Buttons stand at the same place in
// every state, hanging up is never scrolled away, and the strip grows under
// itself for whatever must be seen. In a call the column has, from below: hanging
// up, what reaches beyond the call (help, the lawful ending), the user's own
// switches (deafen, hold, keypad), and the microphone, which is the widest.
//
// Whoever adds a key adds a line to the table in shortcuts.go, which binds it and
// lists it.
//
// The window draws once a second in a call, and four times a second while the
// meters are seen; levels.go looks at them only then.
//
// # The booth
//
// [RunKiosk] is another window of the same kind, for a booth (package
// call/kiosk): on the whole screen, with one or two very large buttons. Its
// picture is present.KioskOf of the booth's Status; kiosk_plan.go says where
// everything stands, as a function of the screen's size alone. There is no way
// out of it but the administrator's PIN, no text to select and no menu; a key
// acts when it goes down, a finger when it is let go, and whatever has just got
// another meaning takes no press for a second.
//
// What is seen outside of the window (tray, notifications, the title in the task
// bar) is plain values as well, [present.OutsideOf]; the desktop around it is a
// [Session], and package session talks to it.
//
// # The toolkit's version
//
// It is Fyne 2.7.4. Version 2.8.1 was tried (2026-11, with its tag x11, on two
// cores without a graphics card): our tests of the real window and of the booth
// pass with it, and the loop sleeps (nap.go) as before. It keeps every face it has
// ever parsed, because its shaper now lives as long as the program: the window's
// memory (PSS) goes from 144 to 1285 MB over twenty changes of the theme, where
// 2.7.4 goes from 137 to 159 MB. TestThemesLeaveNothing in package look holds the
// version to that; with 2.8.1 the tests of this package end without memory.
// Medians of three runs of "make bench" on a busy machine, 2.7.4 and 2.8.1:
//
//	start to window          270 ms    281 ms
//	tap to picture            16 ms     19 ms
//	idle window              0.3 %     0.3 % of a core, 133 and 136 MB
//	call with Opus           7.6 %     7.1 % of a core, 163 and 168 MB
//	call with G.711          5.4 %     5.5 % of a core, 156 and 147 MB
//
// What it offers is no reason to bear that. Its tag "accessibility" has nothing for
// Linux. For Windows it has a name and one of four roles for each widget, and no
// state, value or action; it finds none inside a scrolled page; whenever a name
// changes, as a call's timer does every second, it frees all it has told, whoever
// still holds it, and takes the reader's place away; and Tab moves a place of its
// own beside the real focus (read, not run). Always on top cannot be taken back,
// and where a window is cannot be asked, so that package session would stay. Names
// are ready for a later version (look.Named), and a test holds that nothing that
// takes the keyboard is without one.
//
// # Concurrency
//
// Widgets and the window's own facts belong to the UI goroutine. The pump owns
// one goroutine for each thing that it follows, and one for its timer; commands
// own one each; closing the window closes the pump
// first and waits for all of them.
//
// # Testing
//
// The views are tested by the toolkit's test driver, without cgo and a display
// (CGO_ENABLED=0 go test -tags "ci migrated_fynedo"), against the phone of
// package uitest. `go test ./ui -run TestScreens -screens DIR` writes pictures
// of every screen; ui/uitest/gallery shows one in a real window.
//
// # Models
//
// Telephone by 64characters (one crossing for all events), tailscale's systray
// (the window keeps no truth of its own) and rymdport (small views, tap tests).
// Better here: the crossing merges, what is shown is data that tests compare,
// and a window without OpenGL is an error instead of an invisible process.
//
// For the settings: VS Code's editor (small marks beside each setting for where
// a value comes from and for what a policy decides, after large warnings had
// been tried there; its import of a profile shows the contents first) and the
// policy pages of browsers (every value with its source, for whoever helps).
// Better here: a locked field says who fixed it and what to do, in one sentence;
// an import names what it does not take; and an export is a policy as it is.
//
// For the sizes: Linphone's users, who have asked for a compact call window since
// 2022, and Telephone by 64characters, whose call window stays on top. Better
// here: the strip is the same window, and does not hide an error or a question.
//
// For the booth: the telephones on the bridges of Seoul (two buttons, one for a
// counsellor and one for 119, kept apart), FreeKiosk and Fully Kiosk (a hidden
// gesture and a PIN as the only way out) and the Korean rules for barrier-free
// kiosks (reach, size of words, contrast). Better here: the emergency number
// asks in a place where a second press of the same button is no yes, every
// button within a wheelchair user's reach is a layout and not a lift for the
// screen, and all of it is held by tests over sizes, languages and layouts.
package ui
