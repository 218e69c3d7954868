package profile

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows/registry"
)

// systemPlace is where policies lie on this system.
func systemPlace() place {
	return place{pieces: func() []piece { return registryPieces(windowsRegistry) }}
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
