// Package webapitest has what tests of the web API need: [Client] speaks the
// whole protocol as a page does, with arithmetic of its own (a mistake in the
// server's shows as a proof that does not fit), and can be told to misbehave;
// [Phone] is an engine whose network and sound card are made of memory.
//
//	phone := webapitest.NewPhone(t)
//	server, err := webapi.New(webapi.Options{Phone: phone, ...})
//	...
//	page, err := webapitest.Dial(ctx, addr, webapitest.Options{Origin: "https://helpline.example"})
//	result, err := page.Do(ctx, map[string]any{"type": "dial", ...})
//	event, err := page.Event(ctx)
//
// A Client owns one goroutine, which ends with its connection.
package webapitest
