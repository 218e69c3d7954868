package present

import "slices"

// Finding is one thing that an examination has found, in words.
type Finding struct {
	// Role is Good, Warn, Bad, or Neutral for what was not looked at.
	Role Role
	// Title is what was looked at, What what was found, and Todo what to do
	// about it, empty where nothing is to be done.
	Title, What, Todo string
}

// Icon is the finding's.
func (f Finding) Icon() string {
	switch f.Role {
	case Good:
		return "check"
	case Warn, Bad:
		return "alert"
	}
	return "info"
}

// rank orders findings: what is wrong comes first.
func (f Finding) rank() int {
	switch f.Role {
	case Bad:
		return 0
	case Warn:
		return 1
	case Good:
		return 2
	}
	return 3
}

// Examination is how far the look at everything has come.
type Examination struct {
	Running bool
	// Done: it has come to its end.
	Done  bool
	Found []Finding
	// Summary is one sentence about all of it, once it is done.
	Summary string
}

// Shown are the findings in the order in which a person needs them: as they come
// while they come, and then what is wrong first. What was not looked at is not
// shown.
func (e Examination) Shown() []Finding {
	all := slices.DeleteFunc(slices.Clone(e.Found), func(f Finding) bool { return f.Role == Neutral })
	if e.Done {
		slices.SortStableFunc(all, func(a, b Finding) int { return a.rank() - b.rank() })
	}
	return all
}

// Role is that of the worst finding.
func (e Examination) Role() Role {
	worst := Neutral
	rank := 4
	for _, f := range e.Found {
		if r := f.rank(); r < rank {
			worst, rank = f.Role, r
		}
	}
	return worst
}
