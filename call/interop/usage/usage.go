package usage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of CPU times in /proc (USER_HZ, 100 on every Linux).
const tick = 10 * time.Millisecond

// Usage is what a program and everything it has started cost over an interval.
type Usage struct {
	// Seconds is how long was looked.
	Seconds float64 `json:"seconds"`
	// CPU is the processor time in that interval, of all processes together.
	CPU float64 `json:"cpu_seconds"`
	// PSS is the largest proportional set size that was seen, in megabytes
	// (10^6 bytes): private memory, and of shared pages the part that falls to
	// these processes.
	PSS float64 `json:"pss_mb"`
	// Processes is how many there were then.
	Processes int `json:"processes"`
}

// Percent is the CPU time as a share of one core.
func (u Usage) Percent() float64 {
	if u.Seconds == 0 {
		return 0
	}
	return 100 * u.CPU / u.Seconds
}

// Watch measures the process tree under pid for a while, memory once a second.
// A process that ends meanwhile takes its CPU time with it; none does in a
// call that simply goes on.
func Watch(ctx context.Context, pid int, how time.Duration) (Usage, error) {
	var u Usage
	began := time.Now()
	before, _, err := cpu(pid)
	if err != nil {
		return u, err
	}
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for time.Since(began) < how {
		select {
		case <-ctx.Done():
			return u, context.Cause(ctx)
		case <-every.C:
		}
		pss, n, err := Memory(pid)
		if err != nil {
			return u, err
		}
		if pss > u.PSS {
			u.PSS, u.Processes = pss, n
		}
	}
	after, _, err := cpu(pid)
	u.Seconds = time.Since(began).Seconds()
	u.CPU = (after - before).Seconds()
	return u, err
}

// cpu is the time that the tree has used so far.
func cpu(root int) (total time.Duration, processes int, err error) {
	err = eachProcess(root, func(pid int) error {
		st, err := readStat(pid)
		if err != nil {
			return err
		}
		total += st.cpu
		processes++
		return nil
	})
	return total, processes, err
}

// Memory is the tree's proportional set size in megabytes.
func Memory(root int) (mb float64, processes int, err error) {
	err = eachProcess(root, func(pid int) error {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return err
		}
		kb, err := parsePSS(text)
		if err != nil {
			return err
		}
		mb += kb * 1024 / 1e6
		processes++
		return nil
	})
	return mb, processes, err
}

// parsePSS reads the "Pss:" line of smaps_rollup, in kibibytes. A process
// without memory of its own (a zombie) has an empty file.
func parsePSS(text []byte) (float64, error) {
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte("Pss:"))
		if !ok {
			continue
		}
		return strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(string(rest)), " kB"), 64)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return 0, nil
	}
	return 0, errors.New("no Pss line in smaps_rollup")
}

// stat is what is read of /proc/PID/stat.
type stat struct {
	parent int
	cpu    time.Duration
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// parseStat reads parent (field 4) and user and system time (14 and 15). The
// second field is a name in parentheses that may hold anything.
func parseStat(text string) (stat, error) {
	_, rest, ok := strings.Cut(text[max(0, strings.LastIndexByte(text, ')')):], ") ")
	f := strings.Fields(rest)
	if !ok || len(f) < 13 {
		return stat{}, errors.New("unexpected form of /proc/PID/stat")
	}
	parent, err1 := strconv.Atoi(f[1])
	user, err2 := strconv.Atoi(f[11])
	system, err3 := strconv.Atoi(f[12])
	return stat{parent, time.Duration(user+system) * tick}, errors.Join(err1, err2, err3)
}

// eachProcess calls do for root and all its descendants. One that ends while
// it is looked at is passed over; when root itself is gone that is the error.
func eachProcess(root int, do func(pid int) error) error {
	if _, err := readStat(root); err != nil {
		return fmt.Errorf("the measured program has ended: %w", err)
	}
	children, err := childrenOf()
	if err != nil {
		return err
	}
	todo := []int{root}
	for len(todo) > 0 {
		pid := todo[0]
		todo = append(todo[1:], children[pid]...)
		// ESRCH is how a file of /proc says that its process has gone.
		if err := do(pid); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// childrenOf maps every process of the machine to its children.
func childrenOf() (map[int][]int, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, d := range dirs {
		pid, err := strconv.Atoi(filepath.Base(d))
		if err != nil {
			continue
		}
		st, err := readStat(pid)
		if err != nil {
			continue // it has ended
		}
		children[st.parent] = append(children[st.parent], pid)
	}
	return children, nil
}
