using NexusGen.Autoregressive;
using NexusGen.Diffusion.Flux;
using NexusGen.Lora;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>The cases of LoRA files: what a file changes in the weights of the model.</summary>
internal static class LoraCases
{
    /// <summary>
    /// Reads a file and computes the change of every weight and bias, under the names of the model's own files; what does not
    /// change is left out.
    /// </summary>
    /// <exception cref="NexusGen.Core.NexusGenException">The file is refused.</exception>
    public static CaseOutput Changes(ReferenceCase reference, ReferenceModels models)
    {
        string path = reference.PathOf(reference.Value<string?>("file", null) ?? reference.Value<string>("folder"));
        var targets = new LoraTargets(models.Files(reference));
        bool language = LoraFile.IsForLanguageModel(path);
        LoraTarget target = language ? targets.Language : targets.GenerationDecoder;
        using LoraFile file = LoraFile.Open(path);
        using LoraWeights weights = LoraReader.Read(file, target, CPU);
        var output = new CaseOutput();
        foreach (IGrouping<string, (string Path, LinearDelta Delta)> layer in weights.Changes.GroupBy(change => change.Path))
        {
            using var scope = NewDisposeScope();
            LoraLayer sizes = target.Layer(layer.Key);
            Tensor weight = zeros([sizes.Out, sizes.In]), bias = zeros([sizes.Out]);
            foreach ((_, LinearDelta delta) in layer)
            {
                Add(weight, delta, delta.WeightChange(() => target.Weight(new LoraSlot(layer.Key, delta.Start, delta.Count))));
                Add(bias, delta, delta.BiasChange());
            }

            AddIfAny(output, $"{layer.Key}.weight", weight, language);
            AddIfAny(output, $"{layer.Key}.bias", bias, language);
        }

        return output;
    }

    private static void Add(Tensor sum, LinearDelta delta, Tensor? change)
    {
        if (change is not null)
        {
            sum.narrow(0, delta.Start, delta.Count).AddInPlace(change);
        }
    }

    private static void AddIfAny(CaseOutput output, string name, Tensor change, bool language)
    {
        if (!change.ne(Scalars.Of(0)).any().item<bool>())
        {
            return;
        }

        (string stored, TensorChange order) = language
            ? (LanguageModelNames.Official(name), TensorChange.None)
            : FluxNames.DiffSynth.ToFile(name)!.Value;
        output.Add(stored, RenamedWeights.Apply(change, order));
    }
}
