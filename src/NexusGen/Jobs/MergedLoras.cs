using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>
/// The LoRA files that are folded into the weights of an open model. They are read when the first component that they change is
/// loaded, and kept: components are loaded again, and blocks that are streamed are read at each use. Thread-safe.
/// </summary>
/// <param name="targets">The parts of the model.</param>
/// <param name="loras">The files.</param>
internal sealed class MergedLoras(LoraTargets targets, IReadOnlyList<LoraSettings> loras) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LoraTarget, LoraLease> _read = [];
    private readonly List<LoraWeights> _weights = [];

    /// <summary>Gets the changes of the language model, or null for none.</summary>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public LinearDeltas? LanguageModel =>
        loras.Count == 0 ? null : Read(targets.Language, language: true).Of(LoraTargets.InLanguageModel);

    /// <summary>Gets the changes of the vision encoder, or null for none.</summary>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public LinearDeltas? VisionEncoder =>
        loras.Count == 0 ? null : Read(targets.Language, language: true).Of(LoraTargets.InVisionEncoder);

    /// <summary>Gets the changes of the generation decoder, or null for none.</summary>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public LinearDeltas? GenerationDecoder => loras.Count == 0 ? null : Read(targets.GenerationDecoder, language: false).Of();

    /// <summary>Gets the changes of the editing decoder, or null for none.</summary>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public LinearDeltas? EditingDecoder => loras.Count == 0 ? null : Read(targets.EditingDecoder, language: false).Of();

    /// <inheritdoc/>
    public void Dispose() => _weights.ForEach(weights => weights.Dispose());

    private LoraLease Read(LoraTarget target, bool language)
    {
        lock (_gate)
        {
            if (!_read.TryGetValue(target, out LoraLease? lease))
            {
                List<(LoraWeights, double)> mine = [];
                foreach (LoraSettings lora in LoraSettings.Checked(loras))
                {
                    if (LoraFile.IsForLanguageModel(lora.Path) == language)
                    {
                        using LoraFile file = LoraFile.Open(lora.Path);
                        var weights = LoraReader.Read(file, target, CPU);
                        _weights.Add(weights);
                        mine.Add((weights, lora.Strength));
                    }
                }

                _read[target] = lease = new LoraLease(mine, () => { });
            }

            return lease;
        }
    }
}
