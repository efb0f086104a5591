#ifndef AMID_API_SAVE_H
#define AMID_API_SAVE_H

#include "supervisor/api/call.h"

/* setWorker, updateWorker and validateScript: validate, compile, write, answer with the entry. */
void save_create(struct api_call *call);
void save_update(struct api_call *call);
void save_validate(struct api_call *call);

#endif
