using NexusGen.Core;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Lora;

/// <summary>
/// Reads a LoRA file as the changes of a model. What can't be read exactly as it is meant is refused, and the message names a
/// tensor of the file: a model never computes as if the file were not there.
/// </summary>
internal sealed class LoraReader
{
    private readonly LoraFile _file;
    private readonly LoraTarget _target;
    private readonly Device _device;
    private readonly List<(string Path, LinearDelta Delta)> _changes = [];
    private readonly Dictionary<LoraSlot, string> _seen = [];

    private LoraReader(LoraFile file, LoraTarget target, Device device) =>
        (_file, _target, _device) = (file, target, device);

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="target">The model that it changes.</param>
    /// <param name="device">The device of the changes.</param>
    /// <returns>The changes; the caller owns them.</returns>
    /// <exception cref="NexusGenException">The file doesn't fit the model, or is not a LoRA that is supported.</exception>
    public static LoraWeights Read(LoraFile file, LoraTarget target, Device device)
    {
        using IDisposable noGradient = no_grad();
        var reader = new LoraReader(file, target, device);
        try
        {
            bool known = target.Knows(file);
            foreach (LoraModule module in file.Modules)
            {
                using var scope = NewDisposeScope();
                reader.ReadModule(module, known);
            }

            reader.CheckSaved();
            return new LoraWeights(reader._changes);
        }
        catch
        {
            reader._changes.ForEach(change => change.Delta.Dispose());
            throw;
        }
    }

    private void ReadModule(LoraModule module, bool known)
    {
        if (_target.Find(module.Name) is not { } slot)
        {
            bool isNorm = module.Tensors.ContainsKey(LoraRole.Weight)
                && module.Name.Contains("norm", StringComparison.OrdinalIgnoreCase);
            throw Refuse(!known
                ? $"{module.Key} is for another model: nothing in the file belongs to the {_target.Name}"
                : isNorm ? $"{module.Key} replaces the weight of a norm, which is not supported"
                : $"{module.Key} belongs to no linear layer of the {_target.Name}");
        }

        if (!_seen.TryAdd(slot, module.Key))
        {
            throw Refuse($"{module.Key} and {_seen[slot]} change the same layer; remove one of them");
        }

        var tensors = new LoraTensors(_file, module, slot, _device);
        LoraLayer layer = _target.Layer(slot.Path);
        bool hasProduct = ReadProduct(module, slot, layer, tensors);
        foreach (LoraRole role in (LoraRole[])[LoraRole.Difference, LoraRole.Weight])
        {
            if (module.Tensors.ContainsKey(role))
            {
                RequireSaved(module, role, LoraRole.Weight);
                Add(slot, new ReplacedDelta(
                    tensors.ReadRows(role, slot.Count, layer.In), role == LoraRole.Weight, slot.Start));
                hasProduct = true;
            }
        }

        hasProduct |= ReadBiases(module, slot, layer, tensors);
        if (!hasProduct)
        {
            throw Refuse($"{module.Key} stands alone: the module has no lora_A and lora_B (lora_down and lora_up)");
        }
    }

    // Returns whether the module has a low-rank product.
    private bool ReadProduct(LoraModule module, LoraSlot slot, LoraLayer layer, LoraTensors tensors)
    {
        bool down = module.Tensors.ContainsKey(LoraRole.Down), up = module.Tensors.ContainsKey(LoraRole.Up);
        if (!down && !up)
        {
            return false;
        }

        if (!down || !up)
        {
            throw Refuse($"{module.Key} lacks its other half, {(down ? "lora_B (lora_up)" : "lora_A (lora_down)")}");
        }

        Tensor first = tensors.Read(LoraRole.Down, -1, layer.In);
        long rank = first.shape[0];
        Tensor second = tensors.ReadRows(LoraRole.Up, slot.Count, rank);
        double scale = ScaleOf(module, tensors.Alpha(), rank);
        bool byRow = module.Tensors.ContainsKey(LoraRole.RowMagnitude),
            byColumn = module.Tensors.ContainsKey(LoraRole.ColumnMagnitude);
        if (!byRow && !byColumn)
        {
            if (_file.Configuration?.HasMagnitudes == true)
            {
                throw Refuse($"{module.Key} lacks its lora_magnitude_vector, although the configuration says use_dora");
            }

            Add(slot, new LowRankDelta(first, second, scale, slot.Start));
            return true;
        }

        // On the output axis kohya's and ComfyUI's files mean something else than PEFT's: only [1, in] is read.
        Tensor magnitude = byRow
            ? tensors.ReadRows(LoraRole.RowMagnitude, slot.Count)
            : tensors.Read(LoraRole.ColumnMagnitude, 1, layer.In).view(-1);
        LinearDelta change = DecomposedDelta.Of(
            first, second, scale, magnitude, byColumn && !byRow, _target.Weight(slot), slot.Start)
            ?? throw Refuse($"{module.Key} gives a weight of DoRA whose norm is zero or infinite");
        Add(slot, change);
        return true;
    }

    // Returns whether the module has a bias of its own, beside that of a product.
    private bool ReadBiases(LoraModule module, LoraSlot slot, LoraLayer layer, LoraTensors tensors)
    {
        bool any = false;
        foreach (LoraRole role in (LoraRole[])[LoraRole.UpBias, LoraRole.BiasDifference, LoraRole.Bias])
        {
            if (!module.Tensors.TryGetValue(role, out var entry))
            {
                continue;
            }

            RequireSaved(module, role, LoraRole.Bias);
            if (!layer.HasBias)
            {
                throw Refuse($"{entry.Name} changes a bias, but {slot.Path} has none");
            }

            if (role == LoraRole.UpBias && !module.Tensors.ContainsKey(LoraRole.Up))
            {
                throw Refuse($"{entry.Name} stands without its product");
            }

            Tensor bias = tensors.ReadRows(role, slot.Count).to(ScalarType.Float32);
            double scale = role == LoraRole.UpBias
                ? ScaleOf(module, tensors.Alpha(), module.Tensors[LoraRole.Up].Shape[1])
                : 1;
            Tensor change = role == LoraRole.Bias ? bias - _target.Bias(slot).to(_device) : bias * Torch.Scalars.Of(scale);
            Add(slot, new BiasDelta(change, slot.Start));
            any |= role != LoraRole.UpBias;
        }

        return any;
    }

    private double ScaleOf(LoraModule module, double? alpha, long rank)
    {
        if (alpha is { } value)
        {
            return value / rank;
        }

        if (_file.Configuration is { } configuration)
        {
            return configuration.ScaleOf(module.Name, module.Key, rank);
        }

        return _target.NeedsConfiguration
            ? throw Refuse($"{module.Key} has its scale in {LoraFile.ConfigurationName}, which is not beside the file")
            : 1;
    }

    // A whole weight or bias is only what the configuration announces.
    private void RequireSaved(LoraModule module, LoraRole role, LoraRole saved)
    {
        if (role == saved && _file.Configuration?.Saves(module.Name) != true)
        {
            throw Refuse($"{module.Tensors[role].Name} is a whole tensor of a model, not a LoRA");
        }
    }

    private void CheckSaved()
    {
        foreach (string saved in _file.Configuration?.SavedModules ?? [])
        {
            bool there = _file.Modules.Any(module => module.Tensors.ContainsKey(LoraRole.Weight)
                && (module.Name == saved || module.Name.EndsWith("." + saved, StringComparison.Ordinal)));
            if (!there)
            {
                throw Refuse($"modules_to_save names {saved}, but the file does not contain it");
            }
        }
    }

    private void Add(LoraSlot slot, LinearDelta delta) => _changes.Add((slot.Path, delta));

    private NexusGenException Refuse(string what) => new($"{_file.Location}: {what}.");
}
