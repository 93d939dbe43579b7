#include "../unit/unit.h"
#include "player.h"
#include <stdio.h>
#include <glob.h>
#include <stdlib.h>
static void all(void)
{
    glob_t g; glob(getenv("GLOB")?getenv("GLOB"):"/work/shared/captures/*.pcap",0,NULL,&g);
    for(size_t i=0;i<g.gl_pathc;i++){ struct conversations cs; struct rill_complaint why={""};
        if(!conversations_read(&cs,g.gl_pathv[i],&why)){printf("%s: %s\n",g.gl_pathv[i],why.text);continue;}
        for(unsigned k=0;k<cs.count;k++) for(int side=0;side<2;side++){ const struct conversation*c=&cs.conversation[k];
            if(!conversation_complete(c)){ printf("%s %u: incomplete\n",g.gl_pathv[i]+22,k); break;}
            struct player_report r; bool ok=player_run(c,side,&r);
            printf("%s %u %s: %s %s (%s) sent %zu/%zu got %zu/%zu: %s\n",g.gl_pathv[i]+22,k,side?"server":"client",ok?"OK":"BAD",rill_tcp_state_name(r.state),rill_tcp_state_name(r.implied),r.sent,c->host[side].length,r.delivered,c->host[!side].length,r.complaint);
        } conversations_free(&cs);} globfree(&g);
}
int main(void){static const struct unit_test t[]={{"all",all}}; return UNIT_MAIN("replay",t);}
