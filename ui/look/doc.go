// Package look is how the window looks: the theme with its three palettes and
// text of up to twice the usual size, the bundled Korean face, the icons in the
// theme's colours, and the few widgets that the window is made of (buttons,
// keys, surfaces, sentences). It knows what a colour means ([present.Role]) and
// nothing about calls.
//
// # Usage
//
//	app.Settings().SetTheme(look.NewTheme(look.System).Text(150))
//	b := look.NewButton(look.Primary, func() { ... })
//	b.Set(look.Face{Label: "Call", Icon: "phone", Role: present.Good})
//
// Set with an equal face draws nothing, so a caller may set every widget on
// every change.
//
// # Concurrency and testing
//
// Everything here belongs to the toolkit's own goroutine. The tests hold every
// pair of text and ground that is used to a contrast of 4.5 to 1 (7 to 1 in
// high contrast), and render rare syllables to prove the face.
//
// # Models
//
// Fyne's own widgets (states kept as plain fields, a renderer that only copies
// them) and Material 3 (roles apart from colours). Better here: no widget
// animates, because a frame costs 12 to 16 ms of processor time where there is
// no graphics card, and a big button that has just changed its meaning ignores
// the tap that was meant for the old one.
package look
