package profile

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"sync"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// systemPlace is where policies lie on this system.
func systemPlace() place {
	return place{pieces: func() []piece { return registryPieces(windowsRegistry) }, watch: watchRegistry}
}

// watchRegistry waits for changes below the policies of both hives. Where a key
// cannot be watched (it is not there) the poll remains.
func watchRegistry(ctx context.Context, changed func()) {
	stop, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return
	}
	defer windows.CloseHandle(stop)
	var wg sync.WaitGroup
	for _, root := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
		wg.Go(func() { watchHive(root, stop, changed) })
	}
	<-ctx.Done()
	_ = windows.SetEvent(stop) // it is ours and open
	wg.Wait()
}

// watchHive calls changed when it begins to watch and after each change, until
// stop is set.
func watchHive(root registry.Key, stop windows.Handle, changed func()) {
	// A notification belongs to the thread that asked for it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	k, err := registry.OpenKey(root, `Software\Policies`, registry.NOTIFY|registry.WOW64_64KEY)
	if err != nil {
		return
	}
	defer k.Close()
	event, err := windows.CreateEvent(nil, 0, 0, nil) // resets itself
	if err != nil {
		return
	}
	defer windows.CloseHandle(event)
	for {
		const what = windows.REG_NOTIFY_CHANGE_NAME | windows.REG_NOTIFY_CHANGE_LAST_SET
		if windows.RegNotifyChangeKeyValue(windows.Handle(k), true, what, event, true) != nil {
			return
		}
		changed() // what came before this was not waited for
		got, err := windows.WaitForMultipleObjects([]windows.Handle{stop, event}, false, windows.INFINITE)
		if err != nil || got != windows.WAIT_OBJECT_0+1 {
			return
		}
	}
}

// windowsRegistry is the registry of this machine, as a registryReader.
func windowsRegistry(hive, path string) (values []registryValue, subkeys []string, err error) {
	root := registry.LOCAL_MACHINE
	if hive == hiveUser {
		root = registry.CURRENT_USER
	}
	k, err := registry.OpenKey(root, path, registry.READ|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, nil, err
	}
	defer k.Close()
	names, err := k.ReadValueNames(-1)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		v, err := windowsValue(k, name)
		if err != nil {
			return nil, nil, err
		}
		values = append(values, v)
	}
	subkeys, err = k.ReadSubKeyNames(-1)
	return values, subkeys, err
}

func windowsValue(k registry.Key, name string) (registryValue, error) {
	v := registryValue{name: name}
	_, kind, err := k.GetValue(name, nil)
	if err != nil && !errors.Is(err, registry.ErrShortBuffer) {
		return v, err
	}
	switch kind {
	case registry.SZ, registry.EXPAND_SZ:
		v.kind = registryText
		v.text, _, err = k.GetStringValue(name)
	case registry.MULTI_SZ:
		v.kind = registryTexts
		v.texts, _, err = k.GetStringsValue(name)
	case registry.DWORD, registry.QWORD:
		v.kind = registryNumber
		v.number, _, err = k.GetIntegerValue(name)
	default:
		err = nil // told as a value of a kind that no setting has
	}
	return v, err
}
