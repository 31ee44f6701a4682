using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Lora;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Stages;

/// <summary>Writes the LoRA of a training run, finished or not, in the forms of other tools.</summary>
internal static class LoraExport
{
    private const string Ending = ".safetensors";

    /// <summary>Whether a training run trains a LoRA.</summary>
    /// <param name="training">The folder of the training run.</param>
    public static bool IsLora(string training) =>
        TrainingCheckpoint.Latest(training) is { } checkpoint && File.Exists(FileOf(checkpoint));

    /// <summary>Writes the newest or the best weights of a training run; averaged if there is an average.</summary>
    /// <param name="training">The folder of the training run.</param>
    /// <param name="output">
    /// The file, or the folder of an adapter of the language model; null for <c>lora.safetensors</c> or <c>lora</c> in the folder
    /// of the run.
    /// </param>
    /// <param name="form">The form, or null for that of the configuration.</param>
    /// <param name="preferBest">Whether to take the checkpoint with the lowest validation loss, if there is one.</param>
    /// <param name="type">The element type of the tensors, or null for float32.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="NexusGenException">
    /// There is no checkpoint of a LoRA, the form does not fit, or a file can't be read or written.
    /// </exception>
    public static IReadOnlyList<string> Write(
        string training, string? output = null, LoraForm? form = null, bool preferBest = true, ScalarType? type = null)
    {
        string checkpoint = (preferBest ? TrainingCheckpoint.Best(training) : null)
            ?? TrainingCheckpoint.Latest(training)
            ?? throw new TrainingException($"{training} contains no checkpoint; specify the output folder of a training.");
        return WriteCheckpoint(checkpoint, training, output, form, type);
    }

    /// <summary>Writes the weights of one checkpoint.</summary>
    /// <param name="checkpoint">The folder of the checkpoint.</param>
    /// <param name="folder">The folder of the file if there is no <paramref name="output"/>.</param>
    /// <param name="output">The file or folder, or null for the usual name in <paramref name="folder"/>.</param>
    /// <param name="form">The form, or null for that of the configuration.</param>
    /// <param name="type">The element type of the tensors, or null for float32.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="NexusGenException">
    /// It is not the checkpoint of a LoRA, the form does not fit, or a file can't be read or written.
    /// </exception>
    public static IReadOnlyList<string> WriteCheckpoint(
        string checkpoint, string folder, string? output = null, LoraForm? form = null, ScalarType? type = null)
    {
        string average = FileOf(checkpoint, TrainingCheckpoint.AverageName);
        using ITensorStore store = TensorStore.Open(File.Exists(average) ? average : FileOf(checkpoint));
        LoraDescription description = LoraDescription.Of(store.Metadata)
            ?? throw new TrainingException($"{store.Location} is not the checkpoint of a LoRA.");
        LoraForm chosen = form ?? description.Form;
        if ((chosen == LoraForm.Peft) != (description.Form == LoraForm.Peft))
        {
            throw new TrainingException(
                $"{checkpoint} is a LoRA of the stage {description.Stage}, which can't be written as "
                + $"{ConfigurationReader.NameOf(chosen)}; choose "
                + (description.Form == LoraForm.Peft ? "peft." : "diffsynth, diffusers or kohya."));
        }

        using var scope = NewDisposeScope();
        LoraProduct[] products =
        [
            .. description.Modules.Select(module => new LoraProduct(
                module.Path, module.Start, Read(module.Name + TrainedLora.Down), Read(module.Name + TrainedLora.Up),
                module.Scale)),
        ];
        Dictionary<string, LoraLayer> layers = description.Modules.DistinctBy(module => module.Path)
            .ToDictionary(module => module.Path, module => new LoraLayer(module.In, module.Out, false));
        var writer = new LoraWriter(products, layers, type ?? ScalarType.Float32);
        long steps = TrainingState.Read(Path.Combine(checkpoint, TrainingCheckpoint.StateName)).Step;
        Dictionary<string, string> metadata = Metadata(description, products, steps);
        string path = output ?? Path.Combine(
            folder, TrainedLora.FileName + (chosen == LoraForm.Peft ? "" : Ending));
        if (chosen == LoraForm.Peft)
        {
            return writer.WritePeft(path, Configuration(description), metadata);
        }

        writer.WriteFlux(path, chosen, metadata);
        return [path];

        Tensor Read(string name) => store.Entries.TryGetValue(name, out TensorEntry? entry)
            ? store.Read(entry)
            : throw new TrainingException($"{store.Location} lacks the tensor {name}.");
    }

    private static string FileOf(string checkpoint, string weights = TrainingCheckpoint.WeightsName) =>
        Path.Combine(checkpoint, weights, TrainedLora.FileName + Ending);

    // The names of kohya's tools, which model managers show, where they have one.
    private static Dictionary<string, string> Metadata(
        LoraDescription description, IReadOnlyList<LoraProduct> products, long steps)
    {
        string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
        Dictionary<string, string> metadata = new()
        {
            ["ss_network_module"] = "networks.lora",
            ["ss_network_dim"] = Text(description.Rank ?? products.Max(product => product.Rank)),
            ["ss_network_alpha"] = Text(description.Alpha ?? products.Max(product => product.Scale * product.Rank)),
            ["ss_steps"] = Text(steps),
            ["ss_sd_model_name"] = description.Base,
            ["nexusgen.stage"] = description.Stage,
        };
        if (description.RankStabilized)
        {
            metadata["nexusgen.rank_stabilized"] = "true";
        }

        return metadata;
    }

    private static JsonObject Configuration(LoraDescription description)
    {
        var json = new JsonObject
        {
            ["base_model_name_or_path"] = description.Base,
            ["lora_dropout"] = description.Dropout,
        };
        if (description.RankStabilized)
        {
            json["use_rslora"] = true;
            json["lora_alpha"] = description.Alpha;
            json["alpha_pattern"] = new JsonObject();
        }

        return json;
    }
}
