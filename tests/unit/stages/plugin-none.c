/* A shared object that is no plugin. */
int no_plugin_here;
