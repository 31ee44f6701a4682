using System.Runtime.InteropServices;
using System.Text;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Torch.Native;

/// <summary>
/// Calls ATen operators that TorchSharp does not wrap, by name, through libtorch's C interface. Autograd records such calls. The
/// wrappers that the rest of the library uses are in <see cref="Ops"/>.
/// </summary>
internal static unsafe partial class Dispatcher
{
    private const string Library = "torch_cpu";

    static Dispatcher() => NativeRuntime.EnsureLoaded();

    /// <summary>An ATen operator whose name is converted once to the form that the C interface takes.</summary>
    internal sealed class Operator
    {
        private readonly byte[] _name;
        private readonly byte[] _overload;

        /// <summary>Initializes an operator from the name of its schema.</summary>
        /// <param name="name">The name, for example <c>aten::rms_norm</c>.</param>
        /// <param name="overload">The overload, for example <c>Tensor</c>; empty if the schema has none.</param>
        /// <param name="returns">The number of values that the operator returns.</param>
        public Operator(string name, string overload = "", int returns = 1)
        {
            _name = Encoding.ASCII.GetBytes(name + "\0");
            _overload = Encoding.ASCII.GetBytes(overload + "\0");
            Name = name;
            Returns = returns;
        }

        /// <summary>Gets the name of the schema.</summary>
        public string Name { get; }

        /// <summary>Gets the number of values that the operator returns.</summary>
        public int Returns { get; }

        /// <summary>
        /// Calls the operator. The stack holds every argument of the schema and is overwritten by the returned values.
        /// </summary>
        public void Invoke(Span<ulong> stack)
        {
            fixed (byte* name = _name)
            fixed (byte* overload = _overload)
            fixed (ulong* values = stack)
            {
                if (aoti_torch_call_dispatcher(name, overload, values) != 0)
                {
                    throw new InvalidOperationException(
                        $"libtorch rejected the call of {Name}; see standard error for the reason.");
                }
            }
        }
    }

    /// <summary>Converts a tensor to an argument. The call consumes the new handle, not the tensor.</summary>
    public static ulong Argument(Tensor tensor)
    {
        Check(aoti_torch_new_tensor_handle(tensor.Handle, out nint handle), "aoti_torch_new_tensor_handle");
        return (ulong)handle;
    }

    /// <summary>Converts an integer to an argument.</summary>
    public static ulong Argument(long value) => (ulong)value;

    /// <summary>Converts a floating-point number to an argument.</summary>
    public static ulong Argument(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>Converts a boolean to an argument.</summary>
    public static ulong Argument(bool value) => value ? 1UL : 0UL;

    /// <summary>Converts an optional tensor, null for none, to an argument.</summary>
    public static ulong Optional(Tensor? tensor) => tensor is null ? 0 : Cell(Argument(tensor));

    /// <summary>Converts an optional number, null for none, to an argument.</summary>
    public static ulong Optional(double? value) => value is null ? 0 : Cell(Argument(value.Value));

    /// <summary>Converts a list of integers to an argument.</summary>
    public static ulong List(ReadOnlySpan<long> values)
    {
        Check(torch_new_list_reserve_size((nuint)values.Length, out nint list), "torch_new_list_reserve_size");
        foreach (long value in values)
        {
            Check(torch_list_push_back(list, (ulong)value), "torch_list_push_back");
        }

        return (ulong)list;
    }

    /// <summary>Converts a list of tensors to an argument.</summary>
    public static ulong List(IReadOnlyList<Tensor> tensors)
    {
        Check(torch_new_list_reserve_size((nuint)tensors.Count, out nint list), "torch_new_list_reserve_size");
        foreach (Tensor tensor in tensors)
        {
            Check(torch_list_push_back(list, Argument(tensor)), "torch_list_push_back");
        }

        return (ulong)list;
    }

    /// <summary>Converts a returned value to a tensor. The caller owns it.</summary>
    public static Tensor Result(ulong slot) => Tensor.UnsafeCreateTensor((nint)slot);

    // The callee frees the cell with C++'s delete, which pairs with the C allocator on every supported system.
    private static ulong Cell(ulong value)
    {
        ulong* cell = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *cell = value;
        return (ulong)cell;
    }

    private static void Check(int error, string function)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"libtorch's {function} failed; see standard error for the reason.");
        }
    }

    [LibraryImport(Library)]
    private static partial int aoti_torch_call_dispatcher(byte* name, byte* overload, ulong* stack);

    [LibraryImport(Library)]
    private static partial int aoti_torch_new_tensor_handle(nint tensor, out nint handle);

    [LibraryImport(Library)]
    private static partial int torch_new_list_reserve_size(nuint size, out nint list);

    [LibraryImport(Library)]
    private static partial int torch_list_push_back(nint list, ulong value);
}
