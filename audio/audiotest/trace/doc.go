// Package trace holds what networks do to a stream of packets, as plain values:
// for each packet how late it comes, or that it never does. The same name and
// seed always give the same trace, so that two receivers can be led through the
// same bad minute.
//
// # Usage
//
//	t, err := trace.New("jitter 100 ms", 3000, 1)
//	for i, f := range t.Fates {
//		if !f.Lost {
//			// packet i comes f.Delay after it was sent
//		}
//	}
//
// [Names] lists the traces. Packets are taken to be sent every [Period].
//
// # What the names mean
//
//   - "loss P %": every packet is lost with this probability, by itself.
//   - "loss P % burst B": losses come in bursts of B packets on average, in all
//     P percent (Gilbert 1960, Elliott 1963, with a good state that loses nothing
//     and a bad one that loses everything).
//   - "jitter J ms": a delay of gamma distribution, shape 2, of which 99 in 100
//     packets stay under J; order is kept, as a queue keeps it.
//   - "drift D ppm": the sender's clock is slower by D millionths of the
//     receiver's, or faster where D is negative.
//   - "reorder P %": this share of the packets comes 45 ms late and so after the
//     two that were sent behind it.
//   - "stall 300 ms every 5 s": nothing comes for 300 ms, then all of it at once.
//   - "Wi-Fi": quiet air, then a second or so of contention, scans that hold
//     everything up for 80 to 160 ms, a little loss.
//   - "LTE": steps of 8 ms for repeated blocks (HARQ), 60 ms where that fails and
//     the layer above repeats (RLC), a queue that swells and drains, handovers of
//     120 to 250 ms every 15 s or so that lose up to three packets.
//
// The last two are models that were made up from how these links work, not
// recordings.
//
// # Concurrency
//
// Functions are pure. A Trace is a value; nothing here keeps or changes one.
//
// # Models
//
// netem (Linux) for the parameters of loss, delay and reordering; the traces of
// WebRTC's NetEQ tests, which are recorded and so cannot be made longer; the
// simulators of Pantheon, whose delays are those of packets too. Different here:
// a trace is a table of fates known in advance, so a relay, a simulation and a
// plot see exactly the same one.
package trace
