// Package kiosk is the telephone booth: one or two buttons that call a fixed
// number, and everything around them that has to work for months without
// anybody looking.
//
// # Usage
//
//	booth := kiosk.New(kiosk.Options{Phone: engine, Numbers: kiosk.Numbers{Counsellor: "..."}, ...})
//	go func() { for status := range booth.Watch(ctx) { show(status) } }()
//	outcome := booth.Run(ctx) // until ctx ends, or the booth wants out
package kiosk
