//go:build !linux

package process

// Resident is known on linux only.
func Resident(int) (int64, bool) { return 0, false }

// InMemory cannot be told here.
func InMemory(string) bool { return false }

// LoadAverage is known on linux only.
func LoadAverage() (float64, bool) { return 0, false }
