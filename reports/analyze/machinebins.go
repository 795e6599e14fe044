package analyze

import (
	"time"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// MachineBin is the load of the lab's machine in one bin of time. If several nodes read the machine, or the lab has several machines, each
// field has the largest value; -1: unknown.
type MachineBin struct {
	AtMS     float64 `json:"at_ms"`
	Busy     float64 `json:"busy"`      // share of the processors' time, 0-1, without stolen
	Stolen   float64 `json:"stolen"`    // share of the processors' time that the hypervisor gave to others, 0-1
	Pressure float64 `json:"pressure"`  // share of the time in which some task waited for a processor, 0-1
	WaitedMS float64 `json:"waited_ms"` // the longest wait of one thread of the users or of a WAN relay
}

// narrowestMachineBin is the smallest width of a bin, ns: the time of one reading. Bins are wider if there would be too many.
const narrowestMachineBin = int64(100 * time.Millisecond)

// machineBins returns the bins from the start of the load (epoch, ns) to its end (ns after epoch), and their width in ns. It leaves out bins
// that no reading covers.
func machineBins(readings []trace.Reading, epoch, end int64) (bins []MachineBin, width int64) {
	width = max(narrowestMachineBin, end/mostDrawnBins+1)
	bins = []MachineBin{}
	loads := loadsOf(readings, epoch, end, width)
	for i := range (end + width - 1) / width {
		all := MachineBin{AtMS: ms(i * width), Busy: -1, Stolen: -1, Pressure: -1, WaitedMS: -1}
		read := false
		for _, node := range loads {
			if l, ok := node[i]; ok {
				read = true
				all.Busy, all.Stolen = max(all.Busy, l.busy.value()), max(all.Stolen, l.stolen.value())
				all.Pressure, all.WaitedMS = max(all.Pressure, l.pressure.value()), max(all.WaitedMS, l.waited)
			}
		}
		if read {
			bins = append(bins, all)
		}
	}
	return bins, width
}

// machineLoad is the load of the machine in one bin, from the readings of one node.
type machineLoad struct {
	busy, stolen, pressure timeMean
	waited                 float64 // ms; negative: not known
}

// loadsOf assigns readings to the bins that they cover: by node, then by the index of the bin. Shares are averaged by time. A wait may be
// anywhere in its reading. It counts in every bin of which the reading covers at least half, and in every bin that has at least half of
// the reading.
func loadsOf(readings []trace.Reading, epoch, end, width int64) map[string]map[int64]*machineLoad {
	loads := map[string]map[int64]*machineLoad{}
	for _, m := range readings {
		at := clamp(clamp(m.At) - clamp(epoch))
		from, to := at-int64(min(max(m.Over, 0), longestReading)), min(at, end)
		over := to - from
		from = max(from, 0)
		for i := from / width; i*width < to; i++ {
			covered := min(to, (i+1)*width) - max(from, i*width)
			if loads[m.Node] == nil {
				loads[m.Node] = map[int64]*machineLoad{}
			}
			l := loads[m.Node][i]
			if l == nil {
				l = &machineLoad{waited: -1}
				loads[m.Node][i] = l
			}
			l.busy.add(m.Busy, covered)
			l.stolen.add(m.Stolen, covered)
			l.pressure.add(m.Pressure, covered)
			if 2*covered >= min(width, over) && m.Waited >= 0 {
				l.waited = max(l.waited, ms(int64(m.Waited)))
			}
		}
	}
	return loads
}

// timeMean is an average by time.
type timeMean struct{ sum, over float64 }

// add adds a share that was measured over some time, ns. A negative share is unknown and does not count.
func (m *timeMean) add(share float64, over int64) {
	if share >= 0 {
		m.sum, m.over = m.sum+min(share, 1)*float64(over), m.over+float64(over)
	}
}

// value is the average; -1: unknown.
func (m timeMean) value() float64 {
	if m.over <= 0 {
		return -1
	}
	return m.sum / m.over
}
