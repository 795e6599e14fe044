package planner

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// turns says, in sentences, what the measurements turned, against predictions, the coverage of the table and users with a path: the order of
// two designs, and what to buy.
func (p *Plan) turns(ctx context.Context, studies []*study, choice *Choice) ([]string, error) {
	if !p.anyMeasured() {
		return nil, nil
	}
	guessed := make([]*study, len(studies))
	for i, s := range studies {
		var err error
		if guessed[i], err = newStudy(s.name, s.evidence.guessed(), s.table); err != nil {
			return nil, err
		}
		if guessed[i], err = guessed[i].cared(s.care); err != nil {
			return nil, err
		}
		guessed[i].costs = s.costs
	}
	all := orderTurns(studies, p.losses(guessed, nil, nil), p.losses(studies, nil, nil))
	if choice == nil {
		return all, nil
	}
	turn, err := p.choiceTurn(ctx, guessed[:len(p.Designs)], choice)
	return append(turn, all...), err
}

// anyMeasured reports whether a report says something of any design.
func (p *Plan) anyMeasured() bool {
	is := func(e Evidence) bool { return e.Capacity != nil || e.Failover != nil && e.Failover.From == Measured }
	return slices.ContainsFunc(p.Designs, func(c Candidate) bool { return is(c.Evidence) }) ||
		slices.ContainsFunc(p.Alternatives, func(a Alternative) bool { return is(a.Evidence) })
}

// orderTurns lists the pairs of designs whose order differs.
func orderTurns(studies []*study, before, after []float64) (all []string) {
	for i := range studies {
		for k := range i {
			if (before[i] < before[k]) != (after[i] < after[k]) {
				first, second := k, i
				if after[i] < after[k] {
					first, second = i, k
				}
				all = append(all, fmt.Sprintf("Measurement turned the order: by prediction and library %s comes before %s; as measured %s comes before %s.",
					studies[second].name, studies[first].name, studies[first].name, studies[second].name))
			}
		}
	}
	return all
}

// choiceTurn says what the plan would buy without the measurements, if that is something else.
func (p *Plan) choiceTurn(ctx context.Context, designs []*study, measured *Choice) ([]string, error) {
	var guess Result
	guessing := p.guessing()
	_, err := guessing.choose(ctx, &guess, designs)
	would := ""
	switch {
	case ctx.Err() != nil:
		return nil, err
	case err != nil:
		would = "no choice is possible (" + err.Error() + ")"
	case guess.Choice.Base == measured.Base && slices.Equal(guess.Choice.Best.Buys, measured.Best.Buys):
		return nil, nil
	default:
		would = "the plan buys " + p.taken(guess.Choice)
	}
	return []string{fmt.Sprintf("Measurement turned the choice: by prediction and library %s; as measured it buys %s.", would, p.taken(measured))}, nil
}

// taken names the purchases of a choice, and their design if there are several.
func (p *Plan) taken(c *Choice) string {
	bought := "nothing"
	if len(c.Best.Buys) > 0 {
		bought = strings.Join(c.Best.Buys, ", ")
	}
	if len(p.Designs) > 1 {
		bought += " for " + c.Base
	}
	return bought
}

// guessing is the plan without its measurements.
func (p *Plan) guessing() *Plan {
	q := *p
	q.Designs, q.Alternatives = slices.Clone(p.Designs), slices.Clone(p.Alternatives)
	for i := range q.Designs {
		q.Designs[i].Evidence = q.Designs[i].guessed()
	}
	for i := range q.Alternatives {
		q.Alternatives[i].Evidence = Evidence{}
	}
	return &q
}
