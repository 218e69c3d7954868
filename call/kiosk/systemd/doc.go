// Package systemd tells the service manager how a long-lived program is: that
// it has started, that it is stopping, a word on what it does, and, again and
// again, that every part of it still answers.
//
// # Usage
//
//	n := systemd.New(os.Getenv)         // nil-safe: without a manager it does nothing
//	n.Send("READY=1")
//	if every := systemd.Interval(os.Getenv, os.Getpid()); every > 0 {
//		w := systemd.Watchdog{Notifier: n, Every: every, Parts: []systemd.Part{{"window", pulse}, ...}}
//		go w.Run(ctx)
//	}
//
// # The watchdog
//
// A ticker that feeds the watchdog proves that the ticker is alive, nothing
// else. Here a feed is the end of a round trip through every part: each is asked
// by a function that comes back only when that part's own goroutine has
// answered. One that does not keeps all feeds back; the manager then aborts the
// program, whose dump of goroutines (SIGABRT) says where it hung, and starts
// it again. A part that answers with an error has answered: what is broken but
// alive is no reason to take a phone out of somebody's hand.
//
// # Concurrency
//
// A Notifier may be used from any goroutine. Watchdog.Run owns one goroutine
// for each question that is under way; one that never comes back is left behind
// when Run returns, and at most one for each part.
//
// # Testing
//
// Against a socket of the test's own, by path and in the abstract name space;
// the watchdog's times in a testing/synctest bubble.
//
// # What was looked at
//
// sd_notify(3) and sd_watchdog_enabled(3), whose rules these are; go-systemd's
// daemon package, which has the same in a few lines more and brings a module
// for them; dnscrypt-proxy, whose ticker feeds the watchdog unasked and says so
// in a comment. Better here: the round trip.
package systemd
