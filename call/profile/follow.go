package profile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	// The kernel's own word that a file has changed; the toolkit brings it
	// along, and it reads all three systems.
	"github.com/fsnotify/fsnotify"
)

// How policies are followed. A change shows in a folder within settleTime, a
// folder that cannot be watched within pollTime.
const (
	// settleTime passes after a change before the policies are read: a copy is
	// written in pieces, and several files come together.
	settleTime = 700 * time.Millisecond
	pollTime   = 30 * time.Second
)

// Follow reads the policies whenever they may have changed, and gives what they
// say to adopt when that has become another than [PolicyReader.Read] has
// returned last. It returns when ctx has ended; adopt runs on its goroutine.
func (r *PolicyReader) Follow(ctx context.Context, adopt func(Orders)) {
	before := r.Last()
	// Without a watcher (the kernel's table is full) the poll remains.
	watched := watchFolders(r.place.paths)
	var changes <-chan fsnotify.Event
	var troubles <-chan error
	if watched != nil {
		defer watched.Close()
		changes, troubles = watched.Events, watched.Errors
	}
	told := make(chan struct{}, 1)
	if r.place.watch != nil {
		var wg sync.WaitGroup
		defer wg.Wait()
		watching, stop := context.WithCancel(ctx)
		defer stop()
		wg.Go(func() {
			r.place.watch(watching, func() {
				select {
				case told <- struct{}{}:
				default:
				}
			})
		})
	}
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	settle := time.NewTimer(0) // what changed between Read and now
	defer settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
			settle.Reset(settleTime)
			continue
		case <-told:
			settle.Reset(settleTime)
			continue
		case <-troubles: // changes were lost, perhaps
			settle.Reset(settleTime)
			continue
		case <-settle.C:
		case <-poll.C:
		}
		watched.renew()
		if now := r.Read(); !now.Equal(before) {
			before = now
			adopt(now)
		}
	}
}

// folderWatch watches folders that need not be there: of each the nearest
// folder above it that is.
type folderWatch struct {
	*fsnotify.Watcher
	paths []string
}

// watchFolders returns nil where nothing can be watched.
func watchFolders(paths []string) *folderWatch {
	if len(paths) == 0 {
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	f := &folderWatch{w, paths}
	f.renew()
	return f
}

// renew watches the folders that are there now.
func (f *folderWatch) renew() {
	if f == nil {
		return
	}
	var want []string
	for _, path := range f.paths {
		for {
			info, err := os.Stat(path)
			if err == nil && info.IsDir() {
				want = append(want, path)
				break
			}
			up := filepath.Dir(path)
			if up == path || err != nil && !errors.Is(err, fs.ErrNotExist) {
				break
			}
			path = up
		}
	}
	for _, path := range f.WatchList() {
		if !slices.Contains(want, path) {
			_ = f.Remove(path) // it may be gone by itself
		}
	}
	for _, path := range want {
		_ = f.Add(path) // adding twice is nothing
	}
}
