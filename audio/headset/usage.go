package headset

import "fmt"

// Usage is a usage page (upper 16 bits) and a usage ID on it, as in the USB HID
// Usage Tables 1.12.
type Usage uint32

// Page is the usage page.
func (u Usage) Page() uint16 { return uint16(u >> 16) }

func (u Usage) String() string { return fmt.Sprintf("%04x:%04x", u.Page(), uint16(u)) }

// Pages that matter to a headset.
const (
	pageLED       uint16 = 0x08
	pageButton    uint16 = 0x09
	pageTelephony uint16 = 0x0b
)

// What a headset says (Usage Tables 1.12, sections 12 and 14).
const (
	usageHook   Usage = 0x0b_0020
	usageDrop   Usage = 0x0b_0026
	usageMute   Usage = 0x0b_002f
	usageReject Usage = 0x09_0007 // the habit of the trade; no table says so
)

// What a headset is told (section 11, and Ringer of section 14).
const (
	usageLEDMute       Usage = 0x08_0009
	usageLEDOffHook    Usage = 0x08_0017
	usageLEDRing       Usage = 0x08_0018
	usageLEDHold       Usage = 0x08_0020
	usageLEDMicrophone Usage = 0x08_0021
	usageRinger        Usage = 0x0b_009e
)
