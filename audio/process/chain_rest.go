package process

// remains tells a voice from what echo canceller and noise suppressor have left of
// something else: of a voice they take little, of an echo or a noise nearly all.
type remains struct {
	// in are the powers of the last frames before the two; the newest is at.
	in        [remainDelay]float64
	at        int
	was, left float64 // over some frames
	far       int     // frames that the far end is still in the room
}

const (
	// remainDelay is more than the frames that the two stages delay.
	remainDelay = 3
	// A frame is no voice where less than remainShare of its power is left
	// (-10 dB), or less than remainEcho (-5 dB) while the far end speaks, whose
	// echo a canceller may not know yet.
	remainShare, remainEcho = 0.1, 0.32
	// farAfter is how many frames the far end is in the room after it spoke, farLoud
	// the power that counts as that (-57.5 dBFS).
	farAfter = 40
	farLoud  = 950
)

// played takes a frame for the speaker.
func (r *remains) played(frame []int16) {
	if meanSquare(frame) > farLoud {
		r.far = farAfter
	} else if r.far > 0 {
		r.far--
	}
}

// before takes a frame as it comes to the two.
func (r *remains) before(frame []int16) {
	r.at = (r.at + 1) % remainDelay
	r.in[r.at] = meanSquare(frame)
}

// after takes what the two have made of a frame, so many frames late, and reports
// whether it is no voice.
func (r *remains) after(frame []int16, late int) bool {
	was := r.in[(r.at+remainDelay-late)%remainDelay]
	r.was += 0.2 * (was - r.was)
	r.left += 0.2 * (meanSquare(frame) - r.left)
	share := remainShare
	if r.far > 0 {
		share = remainEcho
	}
	return r.left < share*r.was
}

// meanSquare is the mean square of a frame.
func meanSquare(frame []int16) float64 {
	sum := 0.0
	for _, x := range frame {
		sum += float64(x) * float64(x)
	}
	return sum / float64(len(frame))
}
