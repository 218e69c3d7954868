package call

import (
	"reflect"
	"testing"
)

// A snapshot is a value: it must never come to hold a pointer, a slice or a
// map, or a watcher could see the engine's own memory.
func TestSnapshotIsAValue(t *testing.T) {
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		if typ.PkgPath() == "time" {
			return
		}
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				walk(path+"."+typ.Field(i).Name, typ.Field(i).Type)
			}
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.Interface:
			t.Errorf("%s is a %v", path, typ.Kind())
		}
	}
	walk("Snapshot", reflect.TypeFor[Snapshot]())
}
