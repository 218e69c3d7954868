package headsettest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
)

// Kinds of events of /dev/uhid (Documentation/hid/uhid.rst, linux/uhid.h).
const (
	uhidDestroy        = 1
	uhidOutput         = 6
	uhidGetReport      = 9
	uhidGetReportReply = 10
	uhidCreate2        = 11
	uhidInput2         = 12
	uhidSetReport      = 13
	uhidSetReportReply = 14
)

// uhidData is the room for a report or a descriptor in an event.
const uhidData = 4096

// busUSB is what the device says that it hangs on.
const busUSB = 3

// Virtual is a headset that the kernel takes for a real one. It needs the right
// to open /dev/uhid, which root has.
type Virtual struct {
	file *os.File
	out  chan []byte
	wg   sync.WaitGroup
}

// Plug makes a headset with this name, USB IDs and report descriptor.
func Plug(name string, vendor, product uint32, descriptor []byte) (*Virtual, error) {
	f, err := os.OpenFile("/dev/uhid", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	create := struct {
		Type                             uint32
		Name                             [128]byte
		Phys, Uniq                       [64]byte
		Size, Bus                        uint16
		Vendor, Product, Version, Nation uint32
		Descriptor                       [uhidData]byte
	}{Type: uhidCreate2, Size: uint16(len(descriptor)), Bus: busUSB, Vendor: vendor, Product: product}
	copy(create.Name[:], name)
	copy(create.Descriptor[:], descriptor)
	v := &Virtual{file: f, out: make(chan []byte, 64)}
	if err := v.send(create); err != nil {
		_ = f.Close() // nothing has come of it
		return nil, err
	}
	v.wg.Go(v.read)
	return v, nil
}

// Unplug takes the headset away. It is called once.
func (v *Virtual) Unplug() error {
	err := v.send(struct{ Type uint32 }{uhidDestroy})
	if e := v.file.Close(); err == nil {
		err = e
	}
	v.wg.Wait()
	return err
}

// Report sends an input report, its ID first where the descriptor has any.
func (v *Virtual) Report(report ...byte) error {
	input := struct {
		Type uint32
		Size uint16
		Data [uhidData]byte
	}{Type: uhidInput2, Size: uint16(len(report))}
	copy(input.Data[:], report)
	return v.send(input)
}

// Written gives the output reports that the headset gets, until it is unplugged.
func (v *Virtual) Written() <-chan []byte { return v.out }

func (v *Virtual) send(event any) error {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.NativeEndian, event); err != nil {
		return err
	}
	_, err := v.file.Write(b.Bytes())
	return err
}

// read takes what the kernel tells the device.
func (v *Virtual) read() {
	defer close(v.out)
	event := make([]byte, 8192)
	for {
		n, err := v.file.Read(event)
		if err != nil {
			return
		}
		if err := v.take(event[:n]); err != nil {
			return
		}
	}
}

func (v *Virtual) take(event []byte) error {
	if len(event) < 4+uhidData+3 {
		return fmt.Errorf("headsettest: an event of %d bytes", len(event))
	}
	body := event[4:]
	switch binary.NativeEndian.Uint32(event) {
	case uhidOutput:
		size := binary.NativeEndian.Uint16(body[uhidData:])
		v.out <- bytes.Clone(body[:size])
	case uhidGetReport:
		return v.send(struct {
			Type, ID  uint32
			Err, Size uint16
			Data      [uhidData]byte
		}{Type: uhidGetReportReply, ID: binary.NativeEndian.Uint32(body), Err: 5})
	case uhidSetReport:
		return v.send(struct {
			Type, ID uint32
			Err      uint16
		}{Type: uhidSetReportReply, ID: binary.NativeEndian.Uint32(body), Err: 5})
	}
	return nil
}
