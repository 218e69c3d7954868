package device

// driver is a sound system as this package needs it. The one that ships is
// miniaudio's; tests bring their own, which hang and fail to order. Every
// method runs on the owned thread, and any of them may hang.
type driver interface {
	// list gives every device, monitors included. An empty list is no error;
	// a machine without a sound system gives ErrNoDevice.
	list() (mics, speakers []Info, err error)
	// open opens and starts a device that list named, or the system's default
	// for the ID "". periods is how many stretches of 10 ms the sound system
	// holds ready: what bridges a late callback, and delays a speaker.
	open(dir Direction, id string, periods int) (stream, error)
	// close gives everything back that is not held by an open stream.
	close()
}

// stream is an open, running device and the line to it.
type stream interface {
	line
	// close stops the device and then gives it back; it may hang. It runs on
	// the owned thread, though not always on that of the driver that opened.
	close()
}
