#ifndef AMID_API_METHODS_H
#define AMID_API_METHODS_H

#include "supervisor/api/call.h"

/* The WebFIX methods, one file per family. Each gets a call with a session and answers it. */
typedef void (*api_method_fn)(struct api_call *call);

/* methods_worker.c */
void method_list_workers(struct api_call *call);
void method_get_worker(struct api_call *call);
void method_delete_worker(struct api_call *call);
void method_restart_worker(struct api_call *call);

/* methods_bulk.c */
void method_stop_all_workers(struct api_call *call);

/* methods_stats.c */
void method_get_worker_stats(struct api_call *call);

/* methods_leader.c */
void method_get_leader_info(struct api_call *call);

/* methods_access.c: without a session, because they are how one begins */
void method_connection_node(struct api_call *call);
void method_request_developer_access(struct api_call *call);

/* methods_quiet.c: without a session too */
void method_asset_list(struct api_call *call);
void method_asset_balances(struct api_call *call);
void method_asset_balance(struct api_call *call);
void method_asset_transactions(struct api_call *call);
void method_list_accounts(struct api_call *call);
void method_set_account(struct api_call *call);

#endif
