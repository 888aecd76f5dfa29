package memory

import (
	"testing"
	"testing/fstest"
)

// machine is a file system with these files.
func machine(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestAvailable(t *testing.T) {
	const (
		large     = "MemTotal:       24684168 kB\nMemFree:        15129116 kB\n"
		unlimited = "9223372036854771712\n"
	)
	tests := []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no_files", nil, Default},
		{"no_group", map[string]string{"proc/meminfo": large}, Default},
		{"v2_no_limit", map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/user.slice\n",
			"sys/fs/cgroup/user.slice/memory.max": "max\n"}, Default},
		{"v2_container", map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "268435456\n"}, 192 * mib},
		{"v2_the_parent_has_less", map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/system.slice/bufeo.service\n",
			"sys/fs/cgroup/system.slice/bufeo.service/memory.max": "1073741824\n",
			"sys/fs/cgroup/system.slice/memory.max":               "536870912\n"}, 384 * mib},
		{"v2_the_group_has_less", map[string]string{"proc/meminfo": large, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "536870912\n",
			"sys/fs/cgroup/a/memory.max":   "max\n"}, 384 * mib},
		{"v1_no_limit", map[string]string{"proc/meminfo": large, "proc/self/cgroup": "4:memory:/x\n0::/\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": unlimited}, Default},
		{"v1_nested", map[string]string{"proc/meminfo": large, "proc/self/cgroup": "5:devices:/x/y\n4:memory:/x/y\n",
			"sys/fs/cgroup/memory/x/y/memory.limit_in_bytes": unlimited,
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes":   "536870912\n"}, 384 * mib},
		{"v1_container_with_the_path_of_the_host", map[string]string{"proc/meminfo": large,
			"proc/self/cgroup":                           "4:memory:/docker/0123\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n"}, 192 * mib},
		{"group_smaller_than_the_least", map[string]string{"proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "67108864\n"}, Min},
		{"small_machine", map[string]string{"proc/meminfo": "MemTotal: 1048576 kB\n"}, 512 * mib},
		{"nonsense", map[string]string{"proc/meminfo": "MemTotal: much\n", "proc/self/cgroup": "0::/\nx\n",
			"sys/fs/cgroup/memory.max": "some\n"}, Default},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Available(machine(tt.files)); got != tt.want {
				t.Errorf("got %d MiB, want %d", got/mib, tt.want/mib)
			}
		})
	}
}

// What is not Go's has to fit beside what is, and what Go manages has to hold all that is counted there.
// Bodies give way to connections, down to the largest body: all that Go has to hold at the same time stays within its share.
func TestBodiesWith(t *testing.T) {
	for _, limit := range []int64{256 * mib, 1 << 30, 10 << 30} {
		s := Split(limit)
		if got := s.BodiesWith(1000); got != s.Bodies {
			t.Errorf("%d MiB, a thousand connections: %d MiB for bodies, want all of %d", limit/mib, got/mib, s.Bodies/mib)
		}
		// 10 KiB of Go's memory for each were measured.
		if held := s.Window + s.BodiesWith(10_000) + 10_000*10<<10; held > s.Go {
			t.Errorf("%d MiB, 10,000 connections: %d MiB are held, and Go has %d", limit/mib, held/mib, s.Go/mib)
		}
		if got := s.BodiesWith(1 << 20); got != minBodies && limit < 10<<30 {
			t.Errorf("%d MiB, a million connections: %d MiB for bodies, want %d", limit/mib, got/mib, minBodies/mib)
		}
	}
}

func TestSplit_fits(t *testing.T) {
	for _, limit := range []int64{Min, 100 * mib, 256 * mib, 1 << 30, 10 << 30, 1 << 40} {
		s := Split(limit)
		store := s.Cache + s.MemTables
		if s.Go+program > limit || s.Go < limit*2/5 {
			t.Errorf("%d MiB: Go gets %d MiB", limit/mib, s.Go/mib)
		}
		if offHeap && s.Go+program+store > limit {
			t.Errorf("%d MiB: Go's %d MiB and the store's %d MiB do not fit", limit/mib, s.Go/mib, store/mib)
		}
		if heap := s.Pending + s.Window + s.Bodies + s.Garbage; heap > s.Go && limit > Min {
			t.Errorf("%d MiB: the shares of Go's heap are %d MiB, and it has %d MiB", limit/mib, heap/mib, s.Go/mib)
		}
	}
	if got, want := Split(0), Split(Default); got != want {
		t.Errorf("0: got %+v, want %+v", got, want)
	}
}
