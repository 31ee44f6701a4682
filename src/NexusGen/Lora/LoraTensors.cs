using NexusGen.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using static TorchSharp.torch;

namespace NexusGen.Lora;

/// <summary>Reads the tensors of one module of a LoRA file, and checks their types, shapes and values.</summary>
/// <param name="file">The file.</param>
/// <param name="module">The module.</param>
/// <param name="slot">What the module means in the model.</param>
/// <param name="device">The device of the tensors.</param>
internal sealed class LoraTensors(LoraFile file, LoraModule module, LoraSlot slot, Device device)
{
    private const int ShortType = 2;

    /// <summary>Reads a tensor.</summary>
    /// <param name="role">The role of the tensor, which the module has.</param>
    /// <param name="shape">The shape that it must have; −1 for any length above zero.</param>
    /// <returns>The tensor, in the current dispose scope; in the file's type, or in bfloat16 if that has 8 bits.</returns>
    /// <exception cref="NexusGenException">The type, the shape or a value is wrong; the message names the tensor.</exception>
    public Tensor Read(LoraRole role, params long[] shape)
    {
        TensorEntry entry = module.Tensors[role];
        bool isFloat = entry.Type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16
            or TensorTypes.Float8E4M3 or TensorTypes.Float8E5M2;
        if (!isFloat)
        {
            throw Refuse(entry, $"is of the type {TensorTypes.NameOf(entry.Type)}, but must be floating-point");
        }

        bool fits = entry.Shape.Length == shape.Length
            && shape.Index().All(side => side.Item < 0 || side.Item == entry.Shape[side.Index]);
        if (!fits)
        {
            throw Refuse(
                entry,
                $"is [{string.Join(", ", entry.Shape)}], but {slot.Path} takes "
                + $"[{string.Join(", ", shape.Select(side => side < 0 ? "rank" : side.ToString()))}]");
        }

        if (entry.ElementCount == 0)
        {
            throw Refuse(entry, "has the rank 0");
        }

        // Eight bits are exact in bfloat16, and float64 is more than any tool computes with.
        ScalarType type = TensorTypes.SizeOf(entry.Type) switch
        {
            < ShortType => ScalarType.BFloat16,
            > sizeof(float) => ScalarType.Float32,
            _ => entry.Type,
        };
        Tensor value = file.Store.Read(entry, type);
        return value.isfinite().all().item<bool>()
            ? value.to(device)
            : throw Refuse(entry, "contains NaN or infinite values; the file is damaged");
    }

    /// <summary>Reads a tensor whose first dimension is that of the output features, in the model's order.</summary>
    /// <inheritdoc cref="Read"/>
    public Tensor ReadRows(LoraRole role, params long[] shape)
    {
        Tensor value = Read(role, shape);
        return slot.SwapsHalves ? RenamedWeights.Apply(value, TensorChange.SwapHalves) : value;
    }

    /// <summary>Reads α, a single number of any type.</summary>
    /// <returns>The number, or null if the module has none.</returns>
    /// <exception cref="NexusGenException">It is not a single number.</exception>
    public double? Alpha()
    {
        if (!module.Tensors.TryGetValue(LoraRole.Alpha, out TensorEntry? entry))
        {
            return null;
        }

        bool isNumber = entry.Shape.Length <= 1 && entry.ElementCount == 1 && TensorTypes.IsStorable(entry.Type)
            && entry.Type != ScalarType.Bool;
        if (!isNumber)
        {
            throw Refuse(entry, $"is [{string.Join(", ", entry.Shape)}], but must be one number");
        }

        double alpha = file.Store.Read(entry, ScalarType.Float64).item<double>();
        return double.IsFinite(alpha) ? alpha : throw Refuse(entry, "is not a finite number");
    }

    private NexusGenException Refuse(TensorEntry entry, string what) => new($"{file.Location}: {entry.Name} {what}.");
}
