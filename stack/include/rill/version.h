/* The version of this library: major, minor, patch (semver.org). */
#ifndef RILL_VERSION_H
#define RILL_VERSION_H

#define RILL_VERSION "0.1.0"

#endif
