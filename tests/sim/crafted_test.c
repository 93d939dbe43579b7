#include "../unit/unit.h"
#include "crafted.h"
#include "peer.h"
#include <stdio.h>
static void all(void)
{
    static const char *const layers[]={"eth-arp","ipv4","icmp","udp","tcp"};
    for(int k=0;k<5;k++){ struct crafted_case c[100]; unsigned n=crafted_index(layers[k],c,100);
        for(unsigned i=0;i<n;i++){ struct lone*l=lone_open(NULL); lone_meet(l,FORGE_PEER,forge_mac(2)); lone_meet(l,LONE_GATEWAY,forge_mac(0xfe));
            int echo=lone_udp(7), ls=lone_listen(80);
            uint64_t before=lone_drops(l);
            crafted_feed(l,layers[k],&c[i],echo);
            struct answers a=crafted_answers(l);
            printf("%s %s frames %u drops %lu arp %u req %u echo %u err %u sa %u rst %u udp %u other %u\n",layers[k],c[i].id,c[i].last-c[i].first+1,lone_drops(l)-before,a.arp,a.request,a.echo,a.error,a.syn_ack,a.reset,a.udp,a.other);
            rill_close(echo);rill_close(ls); lone_close(l);} }
}

int main(void){static const struct unit_test tests[]={{"x",all}}; return UNIT_MAIN("c",tests);}
