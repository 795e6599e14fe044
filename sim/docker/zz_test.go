package docker
import ("testing";"context";"time";"fmt")
func TestZZ(t *testing.T){
 Configure()
 ctx:=context.Background()
 e,err:=connect(ctx); if err!=nil{t.Fatal(err)}
 rec:=debian; rec.version="test"
 t0:=time.Now()
 s:=func(s string){fmt.Println(time.Since(t0).Round(time.Millisecond),s)}
 c2,cancel:=context.WithTimeout(ctx,6*time.Second)
 err=rec.ensure(c2,e,s); cancel()
 fmt.Println("interrupted",time.Since(t0),err)
 t0=time.Now()
 err=rec.ensure(ctx,e,s)
 fmt.Println("done",time.Since(t0),err, rec.tag())
}
