package main

import (
	"fmt"
	"slices"
	"time"

	"nxphone/audio/audiotest/trace"
	"nxphone/audio/codec"
)

// departure is one packet that leaves, at a time after the first was due.
type departure struct {
	at      time.Duration
	number  int // of the packet, which is its place in the speech
	payload []byte
}

// schedule is what is sent, in the order of time. Lost packets are not in it.
type schedule []departure

// newSchedule lets a network do its harm to packets of 20 ms.
func newSchedule(packets [][]byte, t trace.Trace) schedule {
	var s schedule
	for i, p := range packets {
		if f := t.Fates[i]; !f.Lost {
			s = append(s, departure{time.Duration(i)*trace.Period + f.Delay, i, p})
		}
	}
	slices.SortStableFunc(s, func(a, b departure) int { return int(a.at - b.at) })
	return s
}

// leastLoss is the loss, in percent, that the sender expects where there is less:
// with 5 and under, libopus at 32 kb/s leaves most redundancy out, and a network is
// never known to be better beforehand.
const leastLoss = 10

// encode makes packets of 20 ms of speech as a softphone sends them: Opus at
// 32 kb/s, with redundancy for a far end that loses this many packets in a
// hundred.
func encode(n codec.Name, pcm []int16, loss int) ([][]byte, error) {
	enc, err := codec.NewEncoder(n, codec.Options{PacketLoss: max(loss, leastLoss)})
	if err != nil {
		return nil, err
	}
	defer enc.Close()
	var packets [][]byte
	out := make([]byte, codec.MaxPacket)
	for len(pcm) >= codec.PacketLen {
		k, err := enc.Encode(pcm[:codec.PacketLen], out)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			return nil, fmt.Errorf("a packet of nothing without DTX")
		}
		packets = append(packets, append([]byte(nil), out[:k]...))
		pcm = pcm[codec.PacketLen:]
	}
	return packets, nil
}
