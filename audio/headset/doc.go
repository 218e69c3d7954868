// Package headset brings the buttons and lights of headsets to the phone: hook
// switch and mute in, off-hook, ring, mute and hold out, by the standard USB HID
// telephony page and without any maker's SDK.
//
// # Usage
//
//	link := headset.New(headset.Options{Logger: log})
//	go link.Run(ctx)                        // ErrUnsupported where there is no way yet
//	link.Update(headset.Phone{Call: true})  // whenever the phone changes; returns at once
//	for c := range link.Commands() {        // what buttons ask for
//		...
//	}
//	for list := range link.Watch(ctx) {     // what is plugged in, and what is wrong
//		...
//	}
//
// # How it works
//
// Four layers, the upper three pure. The parser (item.go, descriptor.go) reads a
// report descriptor by HID 1.11 section 6.2.2; the layout (layout.go, report.go)
// finds the controls and lights in it and reads and writes reports. The machine
// (machine.go, hook.go, mute.go) is one headset against the phone: it turns what
// is reported into commands and what the phone does into lights. The link
// (link.go, head.go) owns the devices, which on Linux are hidraw nodes (hidraw_linux.go).
//
// What a headset means cannot be read from its descriptor alone, so the machine
// goes by changes and by time. The rules that follow from it:
//
//   - The hook is a state. Only its fall, in a call, from a state that was
//     really reported, ends the call; off-hook never dials.
//   - Every change of the phone is written to the lights, because most headsets
//     wait for that answer and take back what is not answered. A phone that has
//     had no call writes nothing: raw HID has no owner, and another program may
//     be in a call. For the same reason that program's on-hook can end ours.
//   - A mute that reports presses toggles, one that reports a state is followed.
//     A state that comes back within 400 ms was a button.
//   - Where it is not certain that somebody wants the microphone open, it stays
//     shut; where headset and phone then differ for longer than a moment, that
//     is told ([Trouble]) and not hidden.
//
// # Concurrency
//
// Run owns everything, with two goroutines for each open headset (one reads, one
// writes; a USB write may take seconds) and one for the watch on /dev, and waits
// for them at its end, a second at most. Update, Watch and Commands never wait
// for a device. What a device sends is hostile until proven otherwise: limits
// stand in descriptor.go, and both parser and decoder are fuzzed.
//
// # Testing
//
// Machine tests are stories, one for each trap that is known from the field.
// The link runs against devices in memory, in synctest bubbles; hidraw against
// folders that look like /sys and /dev. call/interop/headset boots a real kernel
// in a virtual machine and plugs virtual headsets into it, made by package
// headsettest.
//
// # Models
//
// libhidtelephony (Google, for WebHID): layouts come from the descriptor and
// never from a list of products. Jabra's integrator's guide: signals are no key
// presses, requests want an answer, mute is written anew with each call. The
// Linux kernel's hid-core for what devices get away with (usage pages at the
// main item, unsigned maxima). Better here: reports of several IDs, arrays and
// two-sided switches are read, a light's report carries all its lights, states
// and presses are told apart by what the device does, and a difference between
// headset and phone is a value that the window shows.
package headset
