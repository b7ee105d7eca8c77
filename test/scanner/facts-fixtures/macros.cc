OTHER_NAMESPACE_BEGIN
namespace internal {
inline const char* GetDigitsLut() { return 0; }
struct Z { int a; };
}
OTHER_NAMESPACE_END
class LIBRARY_EXPORT handle : public detail::object_api<handle> {
public:
    handle() = default;
    int x() const { return 1; }
private:
    int m;
};
LIBRARY_NAMESPACE_BEGIN(LIBRARY_NAMESPACE)
LIBRARY_NAMESPACE_BEGIN(detail)
template <typename T> struct base { int q; };
typedef unsigned SizeType;
LIBRARY_NAMESPACE_END(detail)
struct EXPORT plain { int r; };
