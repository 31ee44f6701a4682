using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>One of the few names of Python that a pickle of tensors may use. It is only a mark: nothing is ever called.</summary>
/// <param name="Name">The full name, for example <c>torch._utils._rebuild_tensor_v2</c>.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Type">The type of a storage's or tensor's elements, for those names that mean one.</param>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind, ScalarType? Type = null)
{
    private static readonly Dictionary<string, PickleGlobal> Allowed = All().ToDictionary(global => global.Name);

    /// <summary>The name, where it may be used.</summary>
    /// <param name="name">The full name.</param>
    public static PickleGlobal? Find(string name) => Allowed.GetValueOrDefault(name);

    private static IEnumerable<PickleGlobal> All() =>
    [
        new("collections.OrderedDict", PickleGlobalKind.OrderedDictionary),
        new("torch.Size", PickleGlobalKind.Size),
        new("torch._utils._rebuild_tensor_v2", PickleGlobalKind.Tensor),
        new("torch._utils._rebuild_tensor_v3", PickleGlobalKind.TypedTensor),
        new("torch._utils._rebuild_parameter", PickleGlobalKind.Parameter),
        new("torch.DoubleStorage", PickleGlobalKind.Storage, ScalarType.Float64),
        new("torch.FloatStorage", PickleGlobalKind.Storage, ScalarType.Float32),
        new("torch.HalfStorage", PickleGlobalKind.Storage, ScalarType.Float16),
        new("torch.BFloat16Storage", PickleGlobalKind.Storage, ScalarType.BFloat16),
        new("torch.LongStorage", PickleGlobalKind.Storage, ScalarType.Int64),
        new("torch.IntStorage", PickleGlobalKind.Storage, ScalarType.Int32),
        new("torch.ShortStorage", PickleGlobalKind.Storage, ScalarType.Int16),
        new("torch.CharStorage", PickleGlobalKind.Storage, ScalarType.Int8),
        new("torch.ByteStorage", PickleGlobalKind.Storage, ScalarType.Byte),
        new("torch.BoolStorage", PickleGlobalKind.Storage, ScalarType.Bool),
        new("torch.storage.UntypedStorage", PickleGlobalKind.Storage, ScalarType.Byte),
        new("torch.float8_e4m3fn", PickleGlobalKind.ElementType, TensorTypes.Float8E4M3),
        new("torch.float8_e5m2", PickleGlobalKind.ElementType, TensorTypes.Float8E5M2),
    ];
}
