namespace NexusGen.Weights.Modules;

/// <summary>
/// The storage format of the weights of linear layers. Models don't depend on it: it is set with
/// <see cref="LoadOptions.LinearFormat"/>, and a new format only requires a new subclass in this library.
/// </summary>
public abstract class LinearFormat
{
    private protected LinearFormat(string name) => Name = name;

    /// <summary>Gets the name of the format on the command line.</summary>
    public string Name { get; }

    /// <summary>
    /// Gets the format of the layers at a model's ends, where values come in and go out: small layers in which few bits cost
    /// more than they save.
    /// </summary>
    internal virtual LinearFormat Ends => this;

    /// <summary>Gets the format of the layer that computes the scores of the vocabulary.</summary>
    internal virtual LinearFormat Vocabulary => this;

    /// <summary>Loads the weight of one layer.</summary>
    /// <param name="source">The weights of the layer; the name of this one is <c>weight</c>.</param>
    /// <param name="outFeatures">The number of rows of the weight.</param>
    /// <param name="inFeatures">The number of columns of the weight.</param>
    /// <param name="initialization">The initialization when training from scratch.</param>
    internal abstract LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization);
}
