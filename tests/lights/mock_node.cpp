#include "tests/lights/mock_node.hpp"

#include <cerrno>
#include <stdexcept>
#include <utility>

#include <sys/ioctl.h>

using signalbox::lights::test::node_behavior;

// A class of GLib.
namespace {

struct mock_node {
  UMockdevIoctlBase parent;
  node_behavior* behavior;
};

struct mock_nodeClass {
  UMockdevIoctlBaseClass parent;
};

G_DEFINE_TYPE(mock_node, mock_node, UMOCKDEV_TYPE_IOCTL_BASE)

node_behavior& behavior_of(UMockdevIoctlBase* self) {
  return *reinterpret_cast<mock_node*>(self)->behavior;
}

void complete(UMockdevIoctlClient* client, long x) {
  umockdev_ioctl_client_complete(client, x < 0 ? -1 : x,
                                 x < 0 ? static_cast<gint>(-x) : 0);
}

gboolean handle_ioctl(UMockdevIoctlBase* self, UMockdevIoctlClient* client) {
  const auto& ioctl = behavior_of(self).ioctl;
  const auto request = umockdev_ioctl_client_get_request(client);
  const auto size = static_cast<gsize>(_IOC_SIZE(request));
  if (!ioctl || size == 0) {
    complete(client, -ENOTTY);
    return TRUE;
  }
  g_autoptr(UMockdevIoctlData) data = umockdev_ioctl_data_resolve(
    umockdev_ioctl_client_get_arg(client), 0, size, nullptr);
  const auto x = ioctl(request, {data->data, size});
  umockdev_ioctl_data_update(data, 0, data->data, static_cast<gint>(size));
  complete(client, x);
  return TRUE;
}

gboolean handle_write(UMockdevIoctlBase* self, UMockdevIoctlClient* client) {
  const auto& write = behavior_of(self).write;
  const auto* data = umockdev_ioctl_client_get_arg(client);
  complete(client,
           write ? write({data->data, static_cast<std::size_t>(data->data_len)})
                 : -EINVAL);
  return TRUE;
}

void end(GObject* self) {
  delete reinterpret_cast<mock_node*>(self)->behavior;
  G_OBJECT_CLASS(mock_node_parent_class)->finalize(self);
}

void mock_node_class_init(mock_nodeClass* x) {
  x->parent.handle_ioctl = handle_ioctl;
  x->parent.handle_write = handle_write;
  G_OBJECT_CLASS(x)->finalize = end;
}

void mock_node_init(mock_node*) {
  // nop
}

void check(const GError* error) {
  if (error != nullptr)
    throw std::runtime_error{error->message};
}

} // namespace

namespace signalbox::lights::test {

void add_devices(UMockdevTestbed* testbed, const std::string& text) {
  g_autoptr(GError) error = nullptr;
  umockdev_testbed_add_from_string(testbed, text.c_str(), &error);
  check(error);
}

void attach(UMockdevTestbed* testbed, const std::string& path,
            node_behavior behavior) {
  auto* node =
    static_cast<mock_node*>(g_object_new(mock_node_get_type(), nullptr));
  node->behavior = new node_behavior{std::move(behavior)};
  g_autoptr(GError) error = nullptr;
  umockdev_testbed_attach_ioctl(testbed, path.c_str(),
                                UMOCKDEV_IOCTL_BASE(node), &error);
  g_object_unref(node);
  check(error);
}

} // namespace signalbox::lights::test
